"""The people of the demo: who is worth signing in as, and the one password they share while it is a demo."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.crypto import get_random_string

from access.models import Principal, PrincipalKind

SHARED = "tarnfell"
DOMAIN = "@tarnfell.example"
GUEST = "karim"


@dataclass(frozen=True)
class Persona:
    """Somebody to sign in as, and what to try as them."""

    username: str
    story: str


PERSONAS = (
    Persona("lena", "marketing analyst: search customers, ask for what is missing, see the mask"),
    Persona("ines", "steward of Commerce: an inbox with requests, and who reads her data"),
    Persona(
        "jonas", "sales in Germany and Austria: sees the customers of these two countries only"
    ),
    Persona("paul", "sales in France: the same question, other rows, no telephone numbers"),
    Persona("aino", "data scientist: e-mail addresses are hashes, one grant is about to go unused"),
    Persona("tomas", "steward of Operations: a failing check, a stale table"),
    Persona(
        "nora", "head of customer care: reads every conversation; one of her grants ends tonight"
    ),
    Persona("ola", "care adviser: reads her own conversations, others' opening words"),
    Persona("elena", "controller: payroll has one of two approvals; something to restore"),
    Persona("greta", "steward of People: restricted data, two approvals"),
    Persona("bram", "finance director: the second approval is his"),
    Persona("sofia", "logistics planner: grants that were renewed and that ran out"),
    Persona("yusuf", "on leave: his access is suspended"),
    Persona(GUEST, "contractor who came today and may read nothing"),
    Persona("marit", "administrator: runs the portal, reads no data because of it"),
)


def give_passwords() -> str:
    """Lets every demo person sign in and gives the password: the shared one, or a fresh one where this is no demo."""
    password = get_random_string(14) if settings.IS_PRODUCTION else SHARED
    usernames = [persona.username for persona in PERSONAS]
    Principal.objects.filter(username__in=usernames, kind=PrincipalKind.PERSON).update(
        password=make_password(password)
    )
    return password


def welcome(password: str) -> str:
    """What the start banner says: whom to sign in as, and the password."""
    lines = ["Tarnfell, the demo company. Sign in as any of these people:", ""]
    lines += [f"  {persona.username:<7} {persona.story}" for persona in PERSONAS]
    return "\n".join([*lines, "", f"Everybody's password is {password}", ""])
