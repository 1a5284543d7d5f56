"""Every door of the portal that leads to a say in access, tried over HTTP by whoever would gain by it.

The doors are read from the code: a function of the pages or the API that calls a use case which could give something. A
new one without an attempt fails here. What the use cases themselves refuse is tried in `tests/access/deciding`.
"""

import ast
from collections.abc import Callable

import pytest
from django.db.models import F, Q

from access.models import Principal, Vote
from portal.settings import BASE_DIR
from tests.access.deciding.test_every_use_case import GIVES
from tests.access.lifecycle import stewarded
from tests.people import put_in_charge
from tests.portal.attempts import DOORS, Attempt, Stage

pytestmark = pytest.mark.django_db

ROOMS = ("views", "api", "forms", "pages", "dashboards")
# A page sends one back, with the reason.
REFUSED = (302, 303, 400, 403, 404, 409, 422)
GIVING = {name.partition(":")[2] for name in GIVES}


@pytest.fixture
def stage(steward: Principal, scientist: Principal, administrator: Principal) -> Stage:
    """With a colleague who could decide."""
    dataset = stewarded(steward)
    put_in_charge(scientist, dataset)
    return Stage(steward, scientist, administrator, dataset)


def doors(path: str, text: str) -> set[str]:
    """The functions of a module that call a use case which could give something, for somebody."""
    return {
        f"{path}:{function.name}"
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and "actor" in {keyword.arg for keyword in call.keywords}
        and ast.unparse(call.func).rpartition(".")[2] in GIVING
    }


def operators(path: str, text: str) -> set[str]:
    """Calls for which nobody is named who acts, which is the operator's privilege; an audit event may be nobody's."""
    return {
        f"{path}:{call.lineno}"
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) != "record"
        and any(each.arg == "actor" and ast.unparse(each.value) == "None" for each in call.keywords)
    }


def _every(look: Callable[[str, str], set[str]]) -> set[str]:
    portal = BASE_DIR / "portal"
    return {
        found
        for room in ROOMS
        for file in sorted((portal / room).rglob("*.py"))
        for found in look(file.relative_to(portal).as_posix(), file.read_text(encoding="utf-8"))
    }


def test_every_door_is_tried() -> None:
    assert _every(doors) == DOORS.keys(), "Try each door that is not in the table of this file."
    for attempt in DOORS.values():
        if isinstance(attempt, str):
            file, _, name = attempt.partition("::")
            assert f"def {name}(" in (BASE_DIR / file).read_text(encoding="utf-8")


def test_nobody_acts_as_the_operator_over_http() -> None:
    assert not _every(operators)


@pytest.mark.parametrize(
    "attempt",
    dict.fromkeys(attempt for attempt in DOORS.values() if callable(attempt)),
    ids=lambda attempt: attempt.__name__,
)
def test_whoever_would_gain_does_not_get_through(stage: Stage, attempt: Attempt) -> None:
    statuses = []
    for status in attempt(stage):
        statuses.append(status)

    assert statuses
    assert set(statuses) <= set(REFUSED), statuses
    own = Q(voter=F("request__requester")) | Q(on_behalf_of=F("request__requester"))
    assert not Vote.objects.filter(own).exists()


def test_a_new_door_is_found() -> None:
    text = "def quick(request):\n    decisions.approve(asked, actor=viewer, now=now)"

    assert doors("views/quick.py", text) == {"views/quick.py:quick"}
    assert operators("views/quick.py", text.replace("viewer", "None")) == {"views/quick.py:2"}
