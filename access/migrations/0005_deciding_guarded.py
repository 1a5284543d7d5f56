"""PostgreSQL counts the approvals of every stage, holds delegates to their delegation, and keeps emergencies short."""

from importlib import import_module

from django.db import migrations

FREEZE = """
CREATE OR REPLACE FUNCTION access_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'request % stays on record', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'pending' OR NEW.content_hash !~ '^[0-9a-f]{64}$' THEN
            RAISE EXCEPTION 'a request begins pending, with the hash of its content'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'pending' THEN
        RAISE EXCEPTION 'request % is settled: % does not change', OLD.id, OLD.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state NOT IN ('pending', 'approved', 'denied', 'withdrawn', 'lapsed', 'superseded') THEN
        RAISE EXCEPTION 'request %: no state %', OLD.id, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.id, OLD.requester_id, OLD.principal_id, OLD.team_id, OLD.dataset_id, OLD.kind, OLD.grant_id,
        OLD.columns, OLD.unmasked, OLD.purpose, OLD.duration, OLD.starts_at, OLD.origin, OLD.content_hash,
        OLD.submitted_at, OLD.stages)
       IS DISTINCT FROM
       (NEW.id, NEW.requester_id, NEW.principal_id, NEW.team_id, NEW.dataset_id, NEW.kind, NEW.grant_id,
        NEW.columns, NEW.unmasked, NEW.purpose, NEW.duration, NEW.starts_at, NEW.origin, NEW.content_hash,
        NEW.submitted_at, NEW.stages) THEN
        RAISE EXCEPTION 'request %: what was asked is frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage NOT IN (OLD.stage, OLD.stage + 1) THEN
        RAISE EXCEPTION 'request %: stages follow one another', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage > OLD.stage AND (NEW.stage > jsonb_array_length(NEW.stages)
                                  OR access_missing(NEW, OLD.stage) > 0) THEN
        RAISE EXCEPTION 'request %: its quorum is not reached', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.escalation < OLD.escalation AND NEW.stage = OLD.stage THEN
        RAISE EXCEPTION 'request %: whom it was put to stays asked', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

QUORUM = """
-- How many approvals one stage of a request still lacks. A request without stages has one, of one approval.
CREATE FUNCTION access_missing(asked access_accessrequest, number integer) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((asked.stages -> (number - 1) ->> 'approvals')::integer, 1)
         - (SELECT count(*) FROM access_vote v WHERE v.request_id = asked.id AND v.approves AND v.stage = number)
$$;
"""

DECIDING = """
CREATE OR REPLACE FUNCTION access_vote_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked access_accessrequest;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a vote stays as it was cast' USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT * INTO asked FROM access_accessrequest WHERE id = NEW.request_id;
    IF asked.state <> 'pending' THEN
        RAISE EXCEPTION 'request % is settled', asked.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage <> asked.stage THEN
        RAISE EXCEPTION 'request % is in stage %', asked.id, asked.stage USING ERRCODE = 'check_violation';
    END IF;
    PERFORM access_require_impartial(NEW.voter_id, asked);
    IF NEW.on_behalf_of_id IS NOT NULL THEN
        PERFORM access_require_delegated(NEW.voter_id, NEW.on_behalf_of_id, NEW.cast_at, asked);
    END IF;
    RETURN NEW;
END $$;

-- Raises unless this person stands in for that one at that moment, and that one could have a say too.
CREATE FUNCTION access_require_delegated(
    person bigint, principal bigint, moment timestamptz, asked access_accessrequest) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM access_require_impartial(principal, asked);
    IF NOT EXISTS (SELECT FROM access_delegation d
                    WHERE d.delegate_id = person AND d.delegator_id = principal
                      AND d.starts_at <= moment AND moment < d.ends_at
                      AND (d.ended_at IS NULL OR moment < d.ended_at)) THEN
        RAISE EXCEPTION 'request %: no delegation stands', asked.id USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION access_decision_of_request(made access_decision) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    asked access_accessrequest;
BEGIN
    SELECT * INTO asked FROM access_accessrequest WHERE id = made.request_id;
    IF asked.state <> (CASE WHEN made.approves THEN 'approved' ELSE 'denied' END)
       OR made.requester_id IS DISTINCT FROM asked.requester_id THEN
        RAISE EXCEPTION 'request % was not claimed by this decision', asked.id USING ERRCODE = 'check_violation';
    END IF;
    IF made.kind = 'person' THEN
        PERFORM access_require_impartial(made.decider_id, asked);
        IF made.on_behalf_of_id IS NOT NULL THEN
            PERFORM access_require_delegated(made.decider_id, made.on_behalf_of_id, made.decided_at, asked);
        END IF;
    ELSIF made.decider_id IS NOT NULL OR NOT made.approves THEN
        RAISE EXCEPTION 'a rule decides by itself, and only approves' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT made.approves THEN
        RETURN;
    END IF;
    IF made.duration > asked.duration OR NOT made.unmasked <@ asked.unmasked
       OR (asked.columns IS NOT NULL AND (made.columns IS NULL OR NOT made.columns <@ asked.columns)) THEN
        RAISE EXCEPTION 'request %: a decision narrows and never widens', asked.id USING ERRCODE = 'check_violation';
    END IF;
    IF made.kind = 'person' AND EXISTS (
        SELECT FROM generate_series(1, greatest(jsonb_array_length(asked.stages), 1)) number
         WHERE access_missing(asked, number) > 0) THEN
        RAISE EXCEPTION 'request %: its quorum is not reached', asked.id USING ERRCODE = 'check_violation';
    END IF;
END $$;
"""

EMERGENCIES = """
-- Whether a review of this person's is overdue at that moment: then their right to break glass is suspended.
CREATE FUNCTION access_is_overdue(person bigint, moment timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM access_breakglassreview r
                    WHERE r.responder_id = person AND r.reviewed_at IS NULL AND r.due_at <= moment)
$$;

CREATE FUNCTION access_grant_of_emergency() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    verdict access_decision;
BEGIN
    SELECT * INTO verdict FROM access_decision WHERE id = NEW.decision_id;
    IF verdict.kind <> 'break_glass' THEN
        RETURN NEW;
    END IF;
    IF NEW.principal_id IS DISTINCT FROM verdict.requester_id
       OR NOT EXISTS (SELECT FROM access_principal p WHERE p.id = NEW.principal_id AND p.is_active AND p.kind = 'person')
       OR NEW.expires_at > access_latest_end(NEW.starts_at, interval '4 hours')
       OR NEW.starts_at > verdict.decided_at + interval '1 minute' THEN
        RAISE EXCEPTION 'a responder breaks glass for themself, at once, and for four hours at most'
            USING ERRCODE = 'check_violation';
    END IF;
    IF access_is_overdue(NEW.principal_id, verdict.decided_at) THEN
        RAISE EXCEPTION 'a review is overdue: the right to break glass is suspended' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER grant_of_emergency BEFORE INSERT ON access_grant
    FOR EACH ROW EXECUTE FUNCTION access_grant_of_emergency();

-- No emergency without its review: both are there when the transaction commits, or neither is.
CREATE FUNCTION access_emergency_is_reviewed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM access_decision d WHERE d.id = NEW.decision_id AND d.kind = 'break_glass')
       AND NOT EXISTS (SELECT FROM access_breakglassreview r WHERE r.grant_id = NEW.id) THEN
        RAISE EXCEPTION 'grant %: an emergency is reviewed', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER emergency_is_reviewed AFTER INSERT ON access_grant DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION access_emergency_is_reviewed();

CREATE FUNCTION access_emergency_is_not_renewed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.expires_at > OLD.expires_at
       AND EXISTS (SELECT FROM access_decision d WHERE d.id = OLD.decision_id AND d.kind = 'break_glass') THEN
        RAISE EXCEPTION 'grant %: an emergency is not prolonged', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER emergency_is_not_renewed BEFORE UPDATE OF expires_at ON access_grant
    FOR EACH ROW EXECUTE FUNCTION access_emergency_is_not_renewed();

CREATE FUNCTION access_review_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'review % stays on record', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.reviewed_at IS NOT NULL OR NOT EXISTS (
            SELECT FROM access_grant g JOIN access_decision d ON d.id = g.decision_id
             WHERE g.id = NEW.grant_id AND d.kind = 'break_glass' AND g.principal_id = NEW.responder_id) THEN
            RAISE EXCEPTION 'a review begins open, with the emergency it is about' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.reviewed_at IS NOT NULL
       OR (OLD.id, OLD.grant_id, OLD.responder_id, OLD.due_at)
          IS DISTINCT FROM (NEW.id, NEW.grant_id, NEW.responder_id, NEW.due_at) THEN
        RAISE EXCEPTION 'review % stays as it was', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reviewer_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM access_principal p WHERE p.id = NEW.reviewer_id AND p.is_active AND p.kind = 'person') THEN
        RAISE EXCEPTION 'review %: only a person who is active reviews', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER review_guard BEFORE INSERT OR UPDATE OR DELETE ON access_breakglassreview
    FOR EACH ROW EXECUTE FUNCTION access_review_guard();
"""

RECORDS = """
-- Answers are given once; terms and acceptances stay as they were.
CREATE FUNCTION access_question_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.answered_at IS NOT NULL
       OR (OLD.id, OLD.request_id, OLD.asker_id, OLD.text, OLD.asked_at)
          IS DISTINCT FROM (NEW.id, NEW.request_id, NEW.asker_id, NEW.text, NEW.asked_at) THEN
        RAISE EXCEPTION 'a question and its answer stay as they were' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER question_guard BEFORE UPDATE OR DELETE ON access_question
    FOR EACH ROW EXECUTE FUNCTION access_question_guard();

CREATE FUNCTION access_unchanging() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% stays as it was', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER terms_stay BEFORE UPDATE ON access_termsofuse
    FOR EACH ROW EXECUTE FUNCTION access_unchanging();
CREATE TRIGGER acceptance_stays BEFORE UPDATE ON access_termsacceptance
    FOR EACH ROW EXECUTE FUNCTION access_unchanging();

-- A delegation is ended, and otherwise stays as it was made.
CREATE FUNCTION access_delegation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
       OR (OLD.id, OLD.delegator_id, OLD.delegate_id, OLD.starts_at, OLD.ends_at, OLD.note, OLD.created_at)
          IS DISTINCT FROM
          (NEW.id, NEW.delegator_id, NEW.delegate_id, NEW.starts_at, NEW.ends_at, NEW.note, NEW.created_at) THEN
        RAISE EXCEPTION 'a delegation is ended and otherwise stays as it was' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER delegation_guard BEFORE UPDATE OR DELETE ON access_delegation
    FOR EACH ROW EXECUTE FUNCTION access_delegation_guard();
"""


NO_EMERGENCIES = """
DROP TRIGGER review_guard ON access_breakglassreview;
DROP TRIGGER emergency_is_not_renewed ON access_grant;
DROP TRIGGER emergency_is_reviewed ON access_grant;
DROP TRIGGER grant_of_emergency ON access_grant;
DROP FUNCTION access_review_guard();
DROP FUNCTION access_emergency_is_not_renewed();
DROP FUNCTION access_emergency_is_reviewed();
DROP FUNCTION access_grant_of_emergency();
DROP FUNCTION access_is_overdue(bigint, timestamptz);
"""

NO_RECORDS = """
DROP TRIGGER delegation_guard ON access_delegation;
DROP TRIGGER acceptance_stays ON access_termsacceptance;
DROP TRIGGER terms_stay ON access_termsofuse;
DROP TRIGGER question_guard ON access_question;
DROP FUNCTION access_delegation_guard();
DROP FUNCTION access_unchanging();
DROP FUNCTION access_question_guard();
"""

before = import_module("access.migrations.0003_separation_of_duties")
NO_FREEZE = before.NO_REQUESTS + before.REQUESTS
NO_DECIDING = (
    before.NO_SEPARATION
    + before.SEPARATION
    + "DROP FUNCTION access_require_delegated(bigint, bigint, timestamptz, access_accessrequest);"
)
NO_QUORUM = "DROP FUNCTION access_missing(access_accessrequest, integer);"


class Migration(migrations.Migration):
    replaces = [("access", "0008_deciding_guarded")]
    dependencies = [("access", "0004_grants_within_decisions")]

    operations = [
        migrations.RunSQL(QUORUM, NO_QUORUM),
        migrations.RunSQL(FREEZE, NO_FREEZE),
        migrations.RunSQL(DECIDING, NO_DECIDING),
        migrations.RunSQL(EMERGENCIES, NO_EMERGENCIES),
        migrations.RunSQL(RECORDS, NO_RECORDS),
    ]
