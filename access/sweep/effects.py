"""What each action changes, as the part of one statement that claims and changes, with its audit event and its words.

Every part ends in `changed`: one row per change, with what is recorded and told of it. The claim of each is the last
look at the rows as they are, so that nothing is taken from somebody who came back after the plan was made.
"""

# ruff: noqa: S608 - statements are put together from constants of this module

from collections.abc import Callable
from dataclasses import dataclass

from access.audit.events import Kind
from access.grants.restoring import RESTORE_WINDOW
from access.sweep.verdicts import Action, Verdict
from access.words import counted, day, listed


@dataclass(frozen=True)
class Effect:
    """How one action changes rows, which audit event it leaves, and what people are told, if anything."""

    kind: Kind
    changed: str
    told: str = ""
    words: Callable[[Verdict], tuple[str, str]] | None = None


# --- Words


def _warned(verdict: Verdict) -> tuple[str, str]:
    return (
        f"Do you still need {verdict.label}?",
        f"{verdict.dataset}, held by {verdict.holder}. {verdict.reason}",
    )


def _unused(verdict: Verdict) -> tuple[str, str]:
    return (
        f"Access to {verdict.label} has ended",
        f"Nobody has read {verdict.dataset} with the access of {verdict.holder} since {day(verdict.idle_since)}, so it has "
        f"ended. If you need it after all, bring it back with one click within {counted(RESTORE_WINDOW.days, 'day')}.",
    )


def _asleep(verdict: Verdict) -> tuple[str, str]:
    return (
        f"Access to {verdict.label} is asleep",
        f"Nobody has read {verdict.dataset} with the access of {verdict.holder} since {day(verdict.idle_since)}. As you come "
        "back to it with the season, it has not ended: wake it with one click when you need it.",
    )


def _left_out(verdict: Verdict) -> tuple[str, str]:
    return (
        f"You no longer read {verdict.label} through your team",
        f"You have not read {verdict.dataset} since {day(verdict.idle_since)}. Your team keeps its access; come back to it "
        "with one click when you need it.",
    )


def _proposed(verdict: Verdict) -> tuple[str, str]:
    assert verdict.due_at is not None
    return (
        f"{counted(len(verdict.columns), 'column')} of {verdict.label} that nobody reads",
        f"Nobody reads {listed(verdict.columns)} of {verdict.dataset} with the access of {verdict.holder}. On "
        f"{day(verdict.due_at)} they are masked and two weeks later dropped. Name one in a query, or keep them with one "
        "click, and they stay.",
    )


# --- Grants

# A query that runs now, or ended a moment ago and is not counted yet.
NOT_IN_USE = """
    NOT EXISTS (SELECT FROM access_queryrecord r
                 WHERE r.counted_at IS NULL AND r.credits <> '{}' AND r.credits ? due.id::text)
"""
UNUSED_SINCE = f"""
    NOT EXISTS (SELECT FROM access_grantuse u WHERE u.grant_id = g.id AND u.last_used_at > due.idle_since)
    AND {NOT_IN_USE}
"""
TAKEN_AT = "least(%(as_of)s, statement_timestamp())"


def _on_grant(change: str, claim: str, more: str = "") -> str:
    return f"""changed AS (
    UPDATE access_grant g SET {change} FROM due
     WHERE g.id = due.id AND g.ended_at IS NULL AND {claim}
    RETURNING g.id, g.principal_id, g.team_id, g.dataset_id, g.expires_at, due.holder, due.reason, due.idle_since,
              due.due_at, due.subject, due.body, NULL::bigint AS member, '{{}}'::jsonb AS more
){more}"""


SLEPT = f""", slept AS (
    INSERT INTO access_dormancy (grant_id, since, reason, sensitivity, policy_version)
    SELECT c.id, {TAKEN_AT}, c.reason, d.sensitivity, coalesce(policy.version, 0)
      FROM changed c JOIN catalog_dataset d ON d.id = c.dataset_id
      LEFT JOIN access_datasetpolicy policy ON policy.dataset_id = d.id
)"""

GRANTS = {
    Action.EXPIRE: Effect(
        Kind.GRANT_EXPIRED,
        _on_grant(
            "ended_at = least(g.expires_at, statement_timestamp()), end_reason = 'expired'",
            "g.expires_at <= %(as_of)s",
        ),
    ),
    Action.LEAVE: Effect(
        Kind.GRANT_LEFT,
        _on_grant(
            f"ended_at = {TAKEN_AT}, end_reason = 'left', end_note = due.reason",
            "NOT EXISTS (SELECT FROM access_principal p WHERE p.id = g.principal_id AND p.is_active)",
        ),
    ),
    Action.WARN: Effect(
        Kind.GRANT_WARNED,
        _on_grant(
            "warned_at = %(as_of)s, revoke_due_at = due.due_at",
            f"g.warned_at IS NULL AND g.suspended_at IS NULL AND {UNUSED_SINCE}",
        ),
        "grant.warned",
        _warned,
    ),
    Action.SPARE: Effect(
        Kind.GRANT_SPARED,
        _on_grant("warned_at = NULL, revoke_due_at = NULL", "g.warned_at IS NOT NULL"),
    ),
    Action.REVOKE: Effect(
        Kind.GRANT_UNUSED,
        _on_grant(
            f"ended_at = {TAKEN_AT}, end_reason = 'unused', end_note = due.reason",
            f"g.revoke_due_at <= %(as_of)s AND g.suspended_at IS NULL AND {UNUSED_SINCE}",
        ),
        "grant.unused",
        _unused,
    ),
    Action.SLEEP: Effect(
        Kind.GRANT_SLEPT,
        _on_grant(
            f"suspended_at = {TAKEN_AT}, suspend_reason = due.reason, warned_at = NULL, revoke_due_at = NULL",
            f"g.revoke_due_at <= %(as_of)s AND g.suspended_at IS NULL AND {UNUSED_SINCE}",
            SLEPT,
        ),
        "grant.slept",
        _asleep,
    ),
}

# --- Members of a team

IDLE_MEMBER = """
    NOT EXISTS (SELECT FROM access_grantuse u WHERE u.grant_id = due.id AND u.principal_id = due.member
                   AND u.last_used_at > due.idle_since)
    AND NOT EXISTS (SELECT FROM access_queryrecord r
                     WHERE r.counted_at IS NULL AND r.credits <> '{}' AND r.credits ? due.id::text
                       AND r.principal_id = due.member)
"""


def _on_member(change: str) -> str:
    return f"""moved AS ({change} RETURNING grant_id, member_id), changed AS (
    SELECT g.id, g.principal_id, g.team_id, g.dataset_id, g.expires_at, due.holder, due.reason, due.idle_since,
           due.due_at, due.subject, due.body, due.member, jsonb_build_object('member', access_holder_label(due.member, NULL))
           AS more
      FROM moved JOIN due ON due.id = moved.grant_id AND due.member = moved.member_id
      JOIN access_grant g ON g.id = due.id
)"""


MEMBERS = {
    Action.WARN: Effect(
        Kind.GRANT_WARNED,
        _on_member(f"""
    INSERT INTO access_exclusion (grant_id, member_id, warned_at, due_at, reason)
    SELECT due.id, due.member, %(as_of)s, due.due_at, due.reason FROM due
      JOIN access_grant g ON g.id = due.id AND g.ended_at IS NULL AND g.suspended_at IS NULL
      JOIN access_principal_groups m ON m.group_id = g.team_id AND m.principal_id = due.member
     WHERE {IDLE_MEMBER} ON CONFLICT DO NOTHING"""),
        "member.warned",
        _warned,
    ),
    Action.SPARE: Effect(
        Kind.GRANT_SPARED,
        _on_member("""
    UPDATE access_exclusion x SET lifted_at = %(as_of)s FROM due
     WHERE x.grant_id = due.id AND x.member_id = due.member AND x.lifted_at IS NULL AND x.excluded_at IS NULL"""),
    ),
    Action.EXCLUDE: Effect(
        Kind.GRANT_EXCLUDED,
        _on_member(f"""
    UPDATE access_exclusion x SET excluded_at = greatest(x.warned_at, {TAKEN_AT}), reason = due.reason FROM due
     WHERE x.grant_id = due.id AND x.member_id = due.member AND x.lifted_at IS NULL AND x.excluded_at IS NULL
       AND x.due_at <= %(as_of)s AND {IDLE_MEMBER}"""),
        "member.excluded",
        _left_out,
    ),
}

# --- Columns

STILL_UNREAD = f"""
    NOT EXISTS (SELECT FROM access_grantuse u WHERE u.grant_id = due.id AND due.columns ? u.column_name
                   AND u.n_queries > u.n_starred AND u.last_used_at > s.proposed_at)
    AND {NOT_IN_USE}
"""
OPEN_SIZING = "s.grant_id = due.id AND s.closed_at IS NULL"


def _on_columns(change: str, dropped: str = "") -> str:
    return f"""moved AS ({change} RETURNING grant_id){dropped}, changed AS (
    SELECT g.id, g.principal_id, g.team_id, g.dataset_id, g.expires_at, due.holder, due.reason, due.idle_since,
           due.due_at, due.subject, due.body, NULL::bigint AS member,
           jsonb_build_object('columns', due.columns, 'old', to_jsonb(g.columns)) AS more
      FROM moved JOIN due ON due.id = moved.grant_id JOIN access_grant g ON g.id = due.id
)"""


# `g` in the record above is the grant as it was when the statement began: its columns before the change.
NARROWED = """, narrowed AS (
    UPDATE access_grant g SET unmasked = ARRAY(SELECT name FROM unnest(g.unmasked) AS name WHERE NOT due.columns ? name),
           columns = ARRAY(SELECT name FROM unnest(coalesce(g.columns,
               (SELECT array_agg(k.name ORDER BY k.position) FROM catalog_column k
                 WHERE k.dataset_id = g.dataset_id AND k.removed_at IS NULL))) AS name WHERE NOT due.columns ? name)
      FROM moved JOIN due ON due.id = moved.grant_id WHERE g.id = due.id AND g.ended_at IS NULL
)"""

COLUMNS = {
    Action.PROPOSE: Effect(
        Kind.COLUMNS_PROPOSED,
        _on_columns("""
    INSERT INTO access_rightsizing (grant_id, columns, kept, reason, proposed_at, mask_due_at)
    SELECT due.id, ARRAY(SELECT jsonb_array_elements_text(due.columns)), '{}', due.reason, %(as_of)s, due.due_at FROM due
      JOIN access_grant g ON g.id = due.id AND g.ended_at IS NULL AND g.suspended_at IS NULL
    ON CONFLICT DO NOTHING"""),
        "columns.proposed",
        _proposed,
    ),
    Action.RELEASE: Effect(
        Kind.COLUMNS_KEPT,
        _on_columns(f"""
    UPDATE access_rightsizing s SET kept = s.kept || back.names,
           closed_at = CASE WHEN (SELECT bool_and((s.kept || back.names) ? name) FROM unnest(s.columns) AS name)
                       THEN %(as_of)s::timestamptz END
      FROM due, LATERAL (SELECT jsonb_object_agg(name, %(as_of)s::timestamptz) AS names
                           FROM jsonb_array_elements_text(due.columns) AS name) back
     WHERE {OPEN_SIZING} AND NOT s.kept @> back.names"""),
    ),
    Action.MASK: Effect(
        Kind.COLUMNS_MASKED,
        _on_columns(f"""
    UPDATE access_rightsizing s SET masked_at = %(as_of)s, drop_due_at = due.due_at FROM due
      JOIN access_grant g ON g.id = due.id AND g.ended_at IS NULL AND g.suspended_at IS NULL
     WHERE {OPEN_SIZING} AND s.masked_at IS NULL AND s.mask_due_at <= %(as_of)s AND {STILL_UNREAD}"""),
    ),
    Action.DROP: Effect(
        Kind.GRANT_NARROWED,
        _on_columns(
            f"""
    UPDATE access_rightsizing s SET dropped_at = %(as_of)s, closed_at = %(as_of)s FROM due
      JOIN access_grant g ON g.id = due.id AND g.ended_at IS NULL AND g.suspended_at IS NULL
     WHERE {OPEN_SIZING} AND s.drop_due_at <= %(as_of)s AND {STILL_UNREAD}""",
            NARROWED,
        ),
    ),
}


def effect_of(action: Action, is_of_member: bool) -> Effect:
    """What an action does to a grant or its columns, or to one member's part in it."""
    return MEMBERS[action] if is_of_member else {**GRANTS, **COLUMNS}[action]
