"""Every use case of access is in one table: what it could give to whoever calls it, and the test that shows it does not.

The list is read from the code: a public function of `access` with a keyword-only `actor` and a `now`. A new one without a row
fails here, so that whoever writes it has to say which of the two it is. Paths by which votes, decisions and grants are
written are tried in `test_every_path.py`.
"""

import ast
from pathlib import Path

import pytest

from portal.settings import BASE_DIR
from tests.access.deciding.test_every_path import PATHS

# Could give access, or a say in it: the paths of `test_every_path.py`, or tests as `file::name`, that try it for oneself.
GIVES: dict[str, tuple[str, ...]] = {
    "deciding/approval.py:say": ("break_glass_author", "auto_rule_author"),
    "campaigns/deciding.py:certify": ("tests/access/campaigns/test_campaigns.py",),
    "campaigns/deciding.py:certify_several": ("tests/access/campaigns/test_campaigns.py",),
    "campaigns/deciding.py:take_back": ("tests/access/campaigns/test_campaigns.py",),
    "deciding/decisions.py:approve": (
        "requester",
        "beneficiary",
        "team_member",
        "delegate",
        "second_stage",
    ),
    "deciding/decisions.py:deny": ("requester", "delegator"),
    "deciding/delegation.py:name_delegate": ("delegate", "delegator", "delegate_of_a_delegate"),
    "delivering/links.py:use": ("tests/access/delivering",),
    "deciding/emergencies.py:break_glass": ("break_glass_author", "break_glass_responder"),
    "deciding/emergencies.py:review_emergency": ("break_glass_responder",),
    "grants/ending.py:resume": ("resumption",),
    "grants/ending.py:resume_orphaned": (
        "tests/access/test_coming_and_going.py::test_a_new_owner_does_not_wake_what_a_steward_suspended_meanwhile",
    ),
    "grants/ending.py:unpause": ("tests/access/campaigns/test_deadline.py",),
    "grants/exempting.py:exempt": (
        "tests/access/test_seasons_and_members.py::test_nobody_exempts_their_own_access_by_any_door",
    ),
    "grants/issuing.py:grant_directly": ("administrator",),
    "grants/issuing.py:issue": tuple(PATHS),
    "grants/prolonging.py:prolong": ("renewal",),
    "grants/renewing.py:request_renewal": ("renewal", "break_glass_responder"),
    "grants/restoring.py:restore": (
        "restoration",
        "tests/access/test_coming_and_going.py::test_what_two_have_to_agree_to_now_does_not_come_back_by_one_click",
    ),
    "grants/rightsizing.py:keep_columns": (
        "tests/access/test_right_sizing.py::test_only_holder_and_steward_keep_columns",
    ),
    "grants/waking.py:readmit": (
        "tests/access/test_seasons_and_members.py::test_only_the_member_or_a_steward_lets_a_member_in_again",
    ),
    "grants/waking.py:wake": (
        "tests/access/test_seasons_and_members.py::test_what_a_steward_suspended_does_not_wake_by_a_click",
        "tests/access/test_coming_and_going.py::test_a_steward_who_suspends_what_sleeps_takes_the_click_from_its_holder",
    ),
    "people/principals.py:amend": (
        "tests/access/test_coming_and_going.py::"
        "test_an_administrator_does_not_take_over_a_service_account_that_holds_access",
    ),
    "asking/questions.py:ask_back": ("requester", "delegator"),
    "asking/requests.py:submit": ("auto_rule_author", "auto_rule_author_through_a_team"),
    # A login reads what its holder's grants give, and whoever switches it on or changes it gains no grant.
    "provisioning/logins.py:open_login": (
        "tests/access/provisioning/test_attacks.py::test_nothing_else_is_within_reach",
        "tests/portal/pages/test_native.py::test_an_outsider_gets_no_login_and_sees_none",
    ),
    "provisioning/switching.py:switch_on": (
        "tests/portal/pages/test_native.py::test_a_steward_of_a_part_switches_nothing",
    ),
    "provisioning/switching.py:change": (
        "tests/portal/pages/test_native.py::test_a_steward_of_a_part_switches_nothing",
    ),
    "people/stewardship.py:appoint": ("administrator_who_takes_a_dataset",),
    "people/stewardship.py:take": ("administrator_who_takes_a_dataset",),
    "asking/submission.py:place": ("auto_rule_author",),
    "people/teams.py:add_member": (
        "tests/access/test_coming_and_going.py::test_an_administrator_does_not_let_themself_into_a_team",
    ),
}

# Takes away, tells, describes, or makes something that holds nothing yet.
GIVES_NOTHING = {
    "audit/events.py:record",
    "campaigns/deciding.py:hold",
    "campaigns/opening.py:open_campaign",
    "deciding/delegation.py:end",
    "delivering/endpoints.py:create",
    "delivering/endpoints.py:disable",
    "delivering/endpoints.py:enable",
    "delivering/endpoints.py:remove",
    "delivering/endpoints.py:rotate",
    "delivering/overview.py:try_again",
    "describing.py:deprecate",
    "describing.py:describe",
    "describing.py:release",
    "describing.py:undeprecate",
    "grants/ending.py:close",
    "grants/ending.py:end_all_of",
    "grants/ending.py:give_back",
    "grants/ending.py:pause",
    "grants/ending.py:revoke",
    "grants/ending.py:suspend",
    "grants/ending.py:suspend_all_of",
    "grants/ending.py:take_over",
    "grants/exempting.py:withdraw",
    "notices.py:tell_restored",
    "notices.py:tell_revoked",
    "people/principals.py:create_person",
    "people/principals.py:create_service",
    "people/principals.py:deactivate",
    "people/principals.py:reactivate",
    "asking/questions.py:answer",
    "asking/requests.py:withdraw",
    "policies/rules.py:close",
    # A steward's rules hold for everybody who reads, themself included; who may read is not theirs to change by them.
    "policies/rules.py:set_policy",
    "people/stewardship.py:dismiss",
    "provisioning/logins.py:close_login",
    "provisioning/switching.py:end_login",
    "provisioning/switching.py:switch_off",
    "people/teams.py:create_team",
    "people/teams.py:delete_team",
    "people/teams.py:remove_member",
    "telling.py:tell_delegation_ended",
    "asking/terms.py:accept",
    "asking/terms.py:require_accepted",
    "asking/terms.py:set_terms",
    # A token does what its principal may, and an owner's over a service account what the service may.
    "people/tokens.py:issue",
    "people/tokens.py:revoke",
    "people/tokens.py:revoke_all_of",
}


def use_cases(text: str) -> set[str]:
    """The public functions of a module that somebody calls by name, at a moment."""
    return {
        each.name
        for each in ast.parse(text).body
        if isinstance(each, ast.FunctionDef)
        and not each.name.startswith("_")
        and "actor" in {argument.arg for argument in each.args.kwonlyargs}
        and "now" in {argument.arg for argument in (*each.args.args, *each.args.kwonlyargs)}
    }


def _every_use_case() -> set[str]:
    room = BASE_DIR / "access"
    found = set()
    for file in sorted(room.rglob("*.py")):
        path = file.relative_to(room)
        if not {"migrations", "models", "sql"} & set(path.parts):
            names = use_cases(file.read_text(encoding="utf-8"))
            found |= {f"{path.as_posix()}:{name}" for name in names}
    return found


def test_every_use_case_says_what_it_could_give() -> None:
    unknown = _every_use_case() - GIVES.keys() - GIVES_NOTHING

    assert not unknown, (
        f"Say in the table of this file what these could give, and to whom: {unknown}"
    )
    assert not GIVES.keys() & GIVES_NOTHING


@pytest.mark.parametrize("name", sorted(GIVES))
def test_what_could_give_is_tried_by_whoever_would_gain(name: str) -> None:
    assert name in _every_use_case()
    for trial in GIVES[name]:
        assert trial in PATHS or _is_there(trial), trial


def _is_there(trial: str) -> bool:
    file, _, test = trial.partition("::")
    path = Path(BASE_DIR / file)
    return path.exists() and (not test or f"def {test}(" in path.read_text(encoding="utf-8"))


def test_a_new_use_case_is_found() -> None:
    text = "def wave(grant, *, actor, now):\n    pass\ndef _own(*, actor):\n    pass\ndef look(actor):\n    pass"

    assert use_cases(text) == {"wave"}
