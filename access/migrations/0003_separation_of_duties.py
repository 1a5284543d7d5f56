"""PostgreSQL refuses illegal moves of a request, and a decision by anybody who would gain from it, whoever writes."""

from django.db import migrations

REQUESTS = """
CREATE FUNCTION access_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
        OLD.submitted_at)
       IS DISTINCT FROM
       (NEW.id, NEW.requester_id, NEW.principal_id, NEW.team_id, NEW.dataset_id, NEW.kind, NEW.grant_id,
        NEW.columns, NEW.unmasked, NEW.purpose, NEW.duration, NEW.starts_at, NEW.origin, NEW.content_hash,
        NEW.submitted_at) THEN
        RAISE EXCEPTION 'request %: what was asked is frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER request_guard BEFORE INSERT OR UPDATE OR DELETE ON access_accessrequest
    FOR EACH ROW EXECUTE FUNCTION access_request_guard();
"""

NO_REQUESTS = """
DROP TRIGGER request_guard ON access_accessrequest;
DROP FUNCTION access_request_guard();
"""

SEPARATION = """
-- Whether access of this holder would be access of this person: themself, a service account of theirs, a team with
-- either of them in it.
CREATE FUNCTION access_gains(person bigint, holder bigint, team integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT person = holder
        OR EXISTS (SELECT FROM access_principal s WHERE s.id = holder AND s.owner_id = person)
        OR EXISTS (SELECT FROM access_principal_groups m JOIN access_principal p ON p.id = m.principal_id
                    WHERE m.group_id = team AND person IN (p.id, p.owner_id))
$$;

-- Raises unless this person may have a say in this request.
CREATE FUNCTION access_require_impartial(person bigint, asked access_accessrequest) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM access_principal p WHERE p.id = person AND p.is_active AND p.kind = 'person') THEN
        RAISE EXCEPTION 'request %: only a person who is active decides', asked.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF access_gains(person, asked.requester_id, NULL)
       OR coalesce(access_gains(person, asked.principal_id, asked.team_id), false) THEN
        RAISE EXCEPTION 'request %: nobody decides what they would gain', asked.id
            USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION access_vote_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
    PERFORM access_require_impartial(NEW.voter_id, asked);
    RETURN NEW;
END $$;

CREATE TRIGGER vote_guard BEFORE INSERT OR UPDATE OR DELETE ON access_vote
    FOR EACH ROW EXECUTE FUNCTION access_vote_guard();

CREATE FUNCTION access_decision_of_request(made access_decision) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    asked access_accessrequest;
    quorum integer;
BEGIN
    SELECT * INTO asked FROM access_accessrequest WHERE id = made.request_id;
    IF asked.state <> (CASE WHEN made.approves THEN 'approved' ELSE 'denied' END)
       OR made.requester_id IS DISTINCT FROM asked.requester_id THEN
        RAISE EXCEPTION 'request % was not claimed by this decision', asked.id USING ERRCODE = 'check_violation';
    END IF;
    IF made.kind = 'person' THEN
        PERFORM access_require_impartial(made.decider_id, asked);
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
    SELECT approvals INTO quorum FROM access_datasetpolicy WHERE dataset_id = asked.dataset_id;
    IF made.kind = 'person' AND coalesce(quorum, 1) > (
        SELECT count(*) FROM access_vote v WHERE v.request_id = asked.id AND v.approves) THEN
        RAISE EXCEPTION 'request %: its quorum is not reached', asked.id USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION access_decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'decision % stays as it was made', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.approves AND (NEW.duration IS NULL OR NEW.duration <= interval '0') THEN
        RAISE EXCEPTION 'an approval says for how long' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.kind IN ('person', 'rule')) <> (NEW.request_id IS NOT NULL) THEN
        RAISE EXCEPTION 'a decision of kind % and its request do not fit', NEW.kind
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.request_id IS NOT NULL THEN
        PERFORM access_decision_of_request(NEW);
    ELSIF NEW.kind NOT IN ('configuration', 'restore', 'break_glass') THEN
        RAISE EXCEPTION 'no decision of kind %', NEW.kind USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER decision_guard BEFORE INSERT OR UPDATE OR DELETE ON access_decision
    FOR EACH ROW EXECUTE FUNCTION access_decision_guard();
"""

NO_SEPARATION = """
DROP TRIGGER decision_guard ON access_decision;
DROP FUNCTION access_decision_guard();
DROP FUNCTION access_decision_of_request(access_decision);
DROP TRIGGER vote_guard ON access_vote;
DROP FUNCTION access_vote_guard();
DROP FUNCTION access_require_impartial(bigint, access_accessrequest);
DROP FUNCTION access_gains(bigint, bigint, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0002_audit_append_only")]

    operations = [
        migrations.RunSQL(REQUESTS, NO_REQUESTS),
        migrations.RunSQL(SEPARATION, NO_SEPARATION),
    ]
