"""The little world of the interleavings: eight people, a team, a service account, two datasets with different rules."""

from dataclasses import dataclass

from access.clock import database_now
from access.deciding.approval import Stage
from access.models import Principal, Team
from access.people import principals
from access.policies import rules
from catalog.models import Dataset
from tests.access.lifecycle import DAY, stewarded
from tests.people import make_person, make_team, put_in_charge

NAMES = ("ann", "ben", "cyd", "dan", "eve", "rio")
STEWARDS = ("cyd", "dan")
RESPONDER = "rio"
MEMBERS = ("ben", "eve")
LONGEST = {"plain": 180 * DAY, "strict": 90 * DAY}
AUTO_LONGEST = 10 * DAY
AUTO_COLUMNS = ("country",)


@dataclass
class World:
    """Who and what there is, by name."""

    people: dict[str, Principal]
    team: Team
    bot: Principal
    datasets: dict[str, Dataset]

    def holder(self, name: str) -> Principal | Team:
        """Whom a name of the model means."""
        if name == "sales":
            return self.team
        return self.bot if name == "bot" else self.people[name]


def make_world() -> World:
    """Everybody is there and nobody holds anything.

    `plain` is decided by one of two stewards, and at once by a rule for a little of it; `strict` by both and then by an
    administrator.
    """
    people = {name: make_person(name) for name in NAMES}
    people["root"] = make_person("root", administrator=True)
    team = make_team("sales", *(people[name] for name in MEMBERS))
    bot = principals.create_service("bot", owner=people["ben"], actor=None, now=database_now())
    plain = stewarded(people["cyd"], "sales.plain", sensitivity="confidential")
    strict = stewarded(people["cyd"], "sales.strict", sensitivity="restricted")
    for dataset in (plain, strict):
        put_in_charge(people["dan"], dataset)
    now = database_now()
    rules.set_policy(
        plain,
        actor=None,
        now=now,
        responders=["user:rio"],
        auto_approve=[
            {"team": "sales", "columns": list(AUTO_COLUMNS), "longest": AUTO_LONGEST},
        ],
    )
    rules.set_policy(
        strict,
        actor=None,
        now=now,
        responders=["user:rio"],
        stages=[Stage(("stewards",), 2), Stage(("administrators",), 1)],
    )
    return World(people, team, bot, {"plain": plain, "strict": strict})
