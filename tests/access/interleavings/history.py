"""What the audit tells of every request, grant, emergency and person must end where their rows stand: nothing that
happened is missing, nothing is told twice, and nothing is told that did not happen."""

from django.db import connection

SETTLED = "'request.approved', 'request.denied', 'request.withdrawn', 'request.lapsed', 'request.superseded'"
OVER = (
    "'grant.expired', 'grant.returned', 'grant.revoked', 'grant.unused', 'grant.left',"
    " 'grant.replaced'"
)
# Grants that a file no longer names are revoked.
REASON = "CASE g.end_reason WHEN 'configuration' THEN 'revoked' ELSE g.end_reason END"

QUESTIONS = {
    "requests told otherwise than they stand": f"""
        SELECT r.id, r.state, array_agg(e.kind ORDER BY e.id) FROM access_accessrequest r
          LEFT JOIN access_auditevent e ON e.subject = 'request:' || r.id
         GROUP BY r.id
        HAVING count(*) FILTER (WHERE e.kind = 'request.submitted') <> 1
            OR count(*) FILTER (WHERE e.kind IN ({SETTLED})) <> (r.state <> 'pending')::int
            OR count(*) FILTER (WHERE e.kind = 'request.' || r.state) <> (r.state <> 'pending')::int""",
    "votes without their event, or events without their vote": """
        SELECT r.id, r.state, v.n, e.n FROM access_accessrequest r
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_vote WHERE request_id = r.id AND approves) v
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_auditevent
                              WHERE subject = 'request:' || r.id AND kind = 'request.voted') e
         WHERE e.n <> v.n - (r.state = 'approved' AND v.n > 0)::int""",
    "grants told otherwise than they stand": f"""
        SELECT g.id, g.end_reason, array_agg(e.kind ORDER BY e.id) FROM access_grant g
          LEFT JOIN access_auditevent e ON e.subject = 'grant:' || g.id
         GROUP BY g.id
        HAVING count(*) FILTER (WHERE e.kind IN ('grant.issued', 'grant.restored')) <> 1
            OR count(*) FILTER (WHERE e.kind IN ({OVER})) <> (g.ended_at IS NOT NULL)::int
            OR count(*) FILTER (WHERE e.kind = 'grant.' || {REASON}) <> (g.ended_at IS NOT NULL)::int""",
    "grants that sleep without being told so, or the other way round": """
        SELECT g.id, g.suspended_at, e.kind FROM access_grant g
          LEFT JOIN LATERAL (SELECT kind FROM access_auditevent WHERE subject = 'grant:' || g.id AND kind IN
               ('grant.suspended', 'grant.slept', 'grant.resumed', 'grant.woken') ORDER BY id DESC LIMIT 1) e ON true
         WHERE g.ended_at IS NULL
           AND (g.suspended_at IS NOT NULL) <> coalesce(e.kind IN ('grant.suspended', 'grant.slept'), false)""",
    "renewals without their event, or events without their renewal": """
        SELECT g.id, d.n, e.n FROM access_grant g
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_decision d JOIN access_accessrequest r ON r.id = d.request_id
               WHERE r.grant_id = g.id AND d.approves AND d.id NOT IN (SELECT decision_id FROM access_grant)) d
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_auditevent
                              WHERE subject = 'grant:' || g.id AND kind = 'grant.renewed') e
         WHERE d.n <> e.n""",
    "exemptions without their event, or events without their exemption": """
        SELECT g.id, x.n, e.n FROM access_grant g
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_exemption WHERE grant_id = g.id) x
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_auditevent
                              WHERE subject = 'grant:' || g.id AND kind = 'grant.exempted') e
         WHERE x.n <> e.n""",
    "emergencies told otherwise than they stand": """
        SELECT v.grant_id, v.reviewed_at, array_agg(e.kind) FROM access_breakglassreview v
          LEFT JOIN access_auditevent e ON e.subject = 'grant:' || v.grant_id
         GROUP BY v.id
        HAVING count(*) FILTER (WHERE e.kind = 'glass.broken') <> 1
            OR count(*) FILTER (WHERE e.kind = 'glass.reviewed') <> (v.reviewed_at IS NOT NULL)::int
            OR count(*) FILTER (WHERE e.kind = 'glass.overdue') <> (v.overdue_told_at IS NOT NULL)::int""",
    "questions without their event, or events without their question": """
        SELECT r.id, q.n, q.n_answered, e.n, e.n_answered FROM access_accessrequest r
         CROSS JOIN LATERAL (SELECT count(*) AS n, count(answered_at) AS n_answered
                               FROM access_question WHERE request_id = r.id) q
         CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE kind = 'request.questioned') AS n,
                                    count(*) FILTER (WHERE kind = 'request.answered') AS n_answered
                               FROM access_auditevent WHERE subject = 'request:' || r.id) e
         WHERE (q.n, q.n_answered) <> (e.n, e.n_answered)""",
    "delegations told otherwise than they stand": """
        SELECT d.id, d.ended_at, array_agg(e.kind) FROM access_delegation d
          LEFT JOIN access_auditevent e ON e.subject = 'delegation:' || d.id
         GROUP BY d.id
        HAVING count(*) FILTER (WHERE e.kind = 'delegation.made') <> 1
            OR count(*) FILTER (WHERE e.kind = 'delegation.ended') <> (d.ended_at IS NOT NULL)::int""",
    "people who left or came back in silence": """
        SELECT p.username, p.is_active, array_agg(e.kind ORDER BY e.id) FROM access_principal p
          LEFT JOIN access_auditevent e ON e.subject = access_holder_label(p.id, NULL)
         GROUP BY p.id
        HAVING count(*) FILTER (WHERE e.kind = 'principal.deactivated')
             - count(*) FILTER (WHERE e.kind = 'principal.reactivated') <> (NOT p.is_active)::int""",
    "a team whose members changed in silence": """
        SELECT g.name, m.n, e.n FROM auth_group g
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_principal_groups WHERE group_id = g.id) m
         CROSS JOIN LATERAL (SELECT sum(CASE kind WHEN 'member.added' THEN 1 WHEN 'member.removed' THEN -1 ELSE 0 END) AS n
                               FROM access_auditevent WHERE subject = 'team:' || g.name) e
         WHERE m.n <> e.n""",
    "grants of somebody who left, or whom nobody answers for": """
        SELECT g.id, p.username FROM access_grant g JOIN access_principal p ON p.id = g.principal_id
          LEFT JOIN access_principal o ON o.id = p.owner_id
         WHERE g.ended_at IS NULL AND (NOT p.is_active OR (NOT o.is_active AND g.suspended_at IS NULL))""",
    "requests that wait though whoever asked has left": """
        SELECT r.id, p.username FROM access_accessrequest r JOIN access_principal p ON p.id = r.requester_id
         WHERE r.state = 'pending' AND NOT p.is_active""",
    "stewards who came or went in silence": """
        SELECT p.username, e.n, x.n FROM access_principal p
         CROSS JOIN LATERAL (SELECT coalesce(sum(jsonb_array_length(data->'permissions')
                                  * CASE kind WHEN 'steward.appointed' THEN 1 ELSE -1 END), 0) AS n
               FROM access_auditevent WHERE subject = access_holder_label(p.id, NULL)
                AND kind IN ('steward.appointed', 'steward.dismissed')) e
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_stewardshipuserpermission WHERE user_id = p.id) x
         WHERE e.n <> x.n""",
    "verdicts of campaigns without their event, or events without their verdict": """
        SELECT g.id, i.n, e.n FROM access_grant g
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_campaignitem WHERE grant_id = g.id AND verdict <> '') i
         CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE kind = 'grant.certified')
                                  - count(*) FILTER (WHERE kind = 'grant.uncertified') AS n
                               FROM access_auditevent WHERE subject = 'grant:' || g.id) e
         WHERE i.n <> e.n""",
    "campaigns told otherwise than they stand": """
        SELECT c.id, c.closed_at, array_agg(e.kind) FROM access_campaign c
          LEFT JOIN access_auditevent e ON e.subject = 'campaign:' || c.id
         GROUP BY c.id
        HAVING count(*) FILTER (WHERE e.kind = 'campaign.opened') <> 1
            OR count(*) FILTER (WHERE e.kind = 'campaign.closed') <> (c.closed_at IS NOT NULL)::int
            OR count(*) FILTER (WHERE e.kind = 'campaign.reminded') <> (c.reminded_at IS NOT NULL)::int""",
    "revocations carried out on a grant that goes on as if nothing had been said": """
        SELECT i.id, g.id FROM access_campaignitem i JOIN access_grant g ON g.id = i.grant_id
         WHERE i.carried_out_at IS NOT NULL AND i.verdict = 'revoke' AND g.ended_at IS NULL""",
    "terms changed or accepted in silence": """
        SELECT d.id, t.n, a.n, e.n, e.n_accepted FROM catalog_dataset d
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_termsofuse WHERE dataset_id = d.id) t
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM access_termsacceptance x
               JOIN access_termsofuse u ON u.id = x.terms_id WHERE u.dataset_id = d.id) a
         CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE kind = 'terms.changed') AS n,
                                    count(*) FILTER (WHERE kind = 'terms.accepted') AS n_accepted
                               FROM access_auditevent WHERE subject = 'dataset:' || d.id) e
         WHERE (t.n, a.n) <> (e.n, e.n_accepted)""",
    "tokens that came or went in silence, or that somebody who left still has": """
        SELECT t.id, p.username, t.revoked_at, array_agg(e.kind) FROM access_token t
          JOIN access_principal p ON p.id = t.principal_id
          LEFT JOIN access_auditevent e ON e.subject = 'token:' || t.id
         GROUP BY t.id, p.id
        HAVING count(*) FILTER (WHERE e.kind = 'token.issued') <> 1
            OR count(*) FILTER (WHERE e.kind = 'token.revoked') <> (t.revoked_at IS NOT NULL)::int
            OR (NOT p.is_active AND t.revoked_at IS NULL)""",
    "one thing told to one person twice": """
        SELECT recipient_id, kind, link, subject, count(*) FROM access_notice
         GROUP BY recipient_id, kind, link, subject, body, created_at HAVING count(*) > 1""",
}  # fmt: skip


def untold() -> list[str]:
    """Where the audit and the rows disagree, in words and with the rows."""
    found = []
    with connection.cursor() as cursor:
        for words, sql in QUESTIONS.items():
            cursor.execute(sql)
            found += [f"{words}: {row}" for row in cursor.fetchmany(5)]
    return found
