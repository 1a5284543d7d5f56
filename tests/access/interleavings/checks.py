"""What must hold after every step: one audit event for each transition and none without, no notice twice, and the gate
gives what the model says and nothing else."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from access.models import AuditEvent, Notice
from access.policies.reading import readings, standing
from tests.access.interleavings.model import Model
from tests.access.interleavings.world import World

KINDS = ("request.", "grant.", "glass.", "delegation.", "principal.de", "principal.re", "member.")
STATE = {
    "requests": "SELECT id, state, stage, escalation FROM access_accessrequest",
    "approving": "SELECT request_id, count(*) FROM access_vote WHERE approves GROUP BY 1",
    "grants": "SELECT id, end_reason, suspended_at IS NOT NULL, expires_at, warned_at IS NOT NULL, restored_from_id"
    " IS NOT NULL, (SELECT count(*) FROM access_dormancy d WHERE d.grant_id = g.id AND d.woken_at IS NULL),"
    " (SELECT count(*) FROM access_decision d JOIN access_accessrequest r ON r.id = d.request_id"
    "   WHERE r.grant_id = g.id AND d.approves AND d.id NOT IN (SELECT decision_id FROM access_grant)),"
    " suspend_reason FROM access_grant g",
    "members": "SELECT id, grant_id, excluded_at IS NOT NULL, lifted_at IS NOT NULL, EXISTS (SELECT FROM"
    " access_principal_groups m JOIN access_grant g ON g.team_id = m.group_id AND g.id = x.grant_id"
    " WHERE m.principal_id = x.member_id) FROM access_exclusion x",
    "exemptions": "SELECT id, grant_id, withdrawn_at IS NOT NULL FROM access_exemption",
    "emergencies": "SELECT grant_id, reviewed_at IS NOT NULL, overdue_told_at IS NOT NULL FROM access_breakglassreview",
    "questions": "SELECT id, request_id, answered_at IS NOT NULL FROM access_question",
    "delegations": "SELECT id, ended_at IS NOT NULL FROM access_delegation",
    "people": "SELECT access_holder_label(id, NULL), is_active FROM access_principal",
    "teams": "SELECT m.id, 'team:' || g.name FROM access_principal_groups m JOIN auth_group g ON g.id = m.group_id",
}
Rows = dict[str, dict[Any, tuple[Any, ...]]]

INVARIANTS = {
    "I1: a grant without a decision that approves": """
        SELECT count(*) FROM access_grant g LEFT JOIN access_decision d ON d.id = g.decision_id
         WHERE d.id IS NULL OR NOT d.approves""",
    "I1: a decision used twice": """
        SELECT count(*) FROM (SELECT FROM access_grant GROUP BY decision_id HAVING count(*) > 1) twice""",
    "I2: a grant without an end, or longer than its data allows": """
        SELECT count(*) FROM access_grant g JOIN access_decision d ON d.id = g.decision_id
         WHERE g.expires_at IS NULL OR g.expires_at > greatest(g.starts_at, d.decided_at, (
               SELECT max(r.decided_at) FROM access_accessrequest r WHERE r.grant_id = g.id AND r.state = 'approved'))
               + interval '180 days'""",
    "I3: two open grants alike": """
        SELECT count(*) FROM (SELECT FROM access_grant WHERE ended_at IS NULL
                               GROUP BY principal_id, team_id, dataset_id, purpose HAVING count(*) > 1) alike""",
    "I3: two pending requests alike": """
        SELECT count(*) FROM (SELECT FROM access_accessrequest WHERE state = 'pending'
                               GROUP BY principal_id, team_id, dataset_id, content_hash HAVING count(*) > 1) alike""",
    "I6: a notice told twice": """
        SELECT count(*) FROM (SELECT FROM access_notice GROUP BY dedupe_key HAVING count(*) > 1) twice""",
    "a request settled without a decision": """
        SELECT count(*) FROM access_accessrequest r LEFT JOIN access_decision d ON d.request_id = r.id
         WHERE (r.state IN ('approved', 'denied')) <> (d.id IS NOT NULL)""",
    "somebody decided what they gain": """
        SELECT count(*) FROM access_vote v JOIN access_accessrequest r ON r.id = v.request_id
         WHERE v.voter_id IN (r.requester_id, r.principal_id)
            OR v.on_behalf_of_id IN (r.requester_id, r.principal_id)""",
    "an emergency without its review": """
        SELECT count(*) FROM access_grant g JOIN access_decision d ON d.id = g.decision_id AND d.kind = 'break_glass'
          LEFT JOIN access_breakglassreview v ON v.grant_id = g.id
         WHERE v.id IS NULL OR g.expires_at > g.starts_at + interval '4 hours'""",
}


def broken_invariants() -> list[str]:
    """The invariants that rows of any story break, in words."""
    with connection.cursor() as cursor:
        union = " UNION ALL ".join(f"SELECT %s, ({sql})" for sql in INVARIANTS.values())
        cursor.execute(union, list(INVARIANTS))
        return [f"{name} ({n})" for name, n in cursor.fetchall() if n]


EVERYTHING = (
    "SELECT json_build_object({})::text".format(  # one look for all, because there are two a move
        ", ".join(
            f"'{name}', (SELECT coalesce(json_agg(r), '[]') FROM ({sql}) r)"
            for name, sql in STATE.items()
        )
    )
)


def state() -> Rows:
    """Everything that can make a transition, by table and key."""
    with connection.cursor() as cursor:
        cursor.execute(EVERYTHING)
        (text,) = cursor.fetchone()
    # As pairs, because two columns of a row may have one name.
    tables = json.loads(text, object_pairs_hook=list)
    return {
        name: {row[0][1]: tuple(value for _, value in row[1:]) for row in rows}
        for name, rows in tables
    }


@dataclass(frozen=True)
class Marks:
    """Where audit and mailbox stood before a step."""

    event: int
    notice: int

    @classmethod
    def now(cls) -> "Marks":
        """Where they stand."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT coalesce(max(id), 0) FROM access_auditevent),"
                " (SELECT coalesce(max(id), 0) FROM access_notice)"
            )
            return cls(*cursor.fetchone())


def recorded(since: Marks) -> Counter[tuple[str, str]]:
    """The audit events of transitions since then, as kind and subject."""
    rows = AuditEvent.objects.filter(id__gt=since.event).values_list("kind", "subject")
    return Counter(row for row in rows if row[0].startswith(KINDS))


def told_twice(since: Marks) -> list[Any]:
    """The notices of one step that say one thing twice to one person."""
    rows = Notice.objects.filter(id__gt=since.notice).values_list(
        "recipient", "kind", "link", "subject", "body"
    )
    return [row for row, n in Counter(rows).items() if n > 1]


def transitions(before: Rows, after: Rows) -> Counter[tuple[str, str]]:
    """The audit events that the difference between two states asks for, as kind and subject."""
    found: Counter[tuple[str, str]] = Counter()
    _of_requests(before, after, found)
    for key, now in after["grants"].items():
        _of_grant(key, before["grants"].get(key), now, found)
    for key, (grant, is_out, is_lifted, is_member) in after["members"].items():
        old = before["members"].get(key, (grant, False, False, True))
        subject = f"grant:{grant}"
        found["grant.warned", subject] += key not in before["members"]
        found["grant.excluded", subject] += is_out and not old[1]
        if is_lifted and not old[2] and is_member:
            found["grant.readmitted" if is_out else "grant.spared", subject] += 1
    _of_the_rest(before, after, found)
    return +found


def _of_requests(before: Rows, after: Rows, found: Counter[tuple[str, str]]) -> None:
    for key, (state_now, stage, escalation) in after["requests"].items():
        subject = f"request:{key}"
        old = before["requests"].get(key, ("pending", 1, 0))
        found["request.submitted", subject] += key not in before["requests"]
        if state_now != old[0]:
            found[f"request.{state_now}", subject] += 1
        found["request.advanced", subject] += stage - old[1]
        found["request.escalated", subject] += stage == old[1] and escalation > old[2]
        words = after["approving"].get(key, (0,))[0] - before["approving"].get(key, (0,))[0]
        found["request.voted", subject] += words - (words > 0 and state_now == "approved")


def _of_grant(
    key: int, old: tuple[Any, ...] | None, now: tuple[Any, ...], found: Counter[tuple[str, str]]
) -> None:
    subject = f"grant:{key}"
    ended, asleep, expires_at, warned, is_restored, dormant, renewals, why = now
    if old is None:
        found["grant.restored" if is_restored else "grant.issued", subject] += 1
        old = ("", False, expires_at, False, is_restored, 0, renewals, "")
    if ended != old[0]:
        found[f"grant.{'revoked' if ended == 'configuration' else ended}", subject] += 1
        return
    renewed = renewals > old[6]
    found["grant.renewed", subject] += renewed
    slept = dormant > old[5]
    if asleep and not old[1]:
        found["grant.slept" if slept else "grant.suspended", subject] += 1
    if old[1] and not asleep:
        found["grant.woken or resumed", subject] += 1
    if old[1] and asleep and why != old[7]:
        found["grant.suspended", subject] += 1
    found["grant.warned", subject] += warned and not old[3]
    found["grant.spared", subject] += old[3] and not warned and not renewed and not slept


def _of_the_rest(before: Rows, after: Rows, found: Counter[tuple[str, str]]) -> None:
    fresh = {
        after["exemptions"][key][0]
        for key in after["exemptions"].keys() - before["exemptions"].keys()
    }
    for key, (grant, is_over) in after["exemptions"].items():
        is_new = key not in before["exemptions"]
        found["grant.exempted", f"grant:{grant}"] += is_new
        was_over = not is_new and before["exemptions"][key][1]
        found["grant.unexempted", f"grant:{grant}"] += (
            is_over and not was_over and grant not in fresh
        )
    for key, (is_reviewed, is_told) in after["emergencies"].items():
        old = before["emergencies"].get(key, (False, False))
        found["glass.broken", f"grant:{key}"] += key not in before["emergencies"]
        found["glass.reviewed", f"grant:{key}"] += is_reviewed and not old[0]
        found["glass.overdue", f"grant:{key}"] += is_told and not old[1]
    for key, (request, is_answered) in after["questions"].items():
        found["request.questioned", f"request:{request}"] += key not in before["questions"]
        was = before["questions"].get(key, (request, False))[1]
        found["request.answered", f"request:{request}"] += is_answered and not was
    for key, (is_over,) in after["delegations"].items():
        found["delegation.made", f"delegation:{key}"] += key not in before["delegations"]
        was = before["delegations"].get(key, (False,))[0]
        found["delegation.ended", f"delegation:{key}"] += is_over and not was
    for label, (is_active,) in after["people"].items():
        was = before["people"].get(label, (True,))[0]
        found["principal.deactivated", label] += was and not is_active
        found["principal.reactivated", label] += is_active and not was
    for kind, more, fewer in (("added", after, before), ("removed", before, after)):
        for key in more["teams"].keys() - fewer["teams"].keys():
            found[f"member.{kind}", more["teams"][key][0]] += 1


def alike(events: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Recorded events in the words of `transitions`: whoever wakes a grant, it works again."""
    found: Counter[tuple[str, str]] = Counter()
    for (kind, subject), n in events.items():
        said = "grant.woken or resumed" if kind in ("grant.woken", "grant.resumed") else kind
        found[said, subject] += n
    return found


def gate_differs(world: World, model: Model, people: Iterable[str]) -> list[str]:
    """Where the gate's own decision, judged by PostgreSQL's clock, is not that of the model, in words."""
    found = []
    everybody = {who: world.bot if who == "bot" else world.people[who] for who in people}
    warehouse = world.datasets["plain"].warehouse
    names = {dataset.identity: name for name, dataset in world.datasets.items()}
    for who, principal in everybody.items():
        stands = standing(principal)
        assert stands is not None
        if stands.is_active != (who in model.active):
            found.append(f"{who} is active: {stands.is_active}")
        for identity, reading in readings(principal, warehouse, names).items():
            rights = model.reads(who, names[identity], stands.now)
            given = {rule.grant_id: rule.columns for rule in reading.policy.grants}
            if given.keys() != rights:
                found.append(
                    f"{who} on {names[identity]}: the gate {sorted(given)}, the model {sorted(rights)}"
                )
            for key in given.keys() & rights:
                right = model.rights[key]
                if given[key] != right.columns or reading.expires_at[key] != right.expires_at:
                    found.append(
                        f"grant {key}: {given[key]} until {reading.expires_at[key]}, not {right}"
                    )
    return found
