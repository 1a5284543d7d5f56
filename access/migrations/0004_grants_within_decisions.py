"""PostgreSQL holds every grant to its decision: who, what and how long; and lets none be revived or widened."""

from django.db import migrations

LABEL = """
CREATE FUNCTION access_holder_label(holder bigint, team integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT CASE p.kind WHEN 'service' THEN 'service:' ELSE 'user:' END || p.username
           FROM access_principal p WHERE p.id = holder),
        (SELECT 'team:' || g.name FROM auth_group g WHERE g.id = team))
$$;
"""

NO_LABEL = "DROP FUNCTION access_holder_label(bigint, integer);"

GRANTS = """
-- The latest end that a decision allows; spans are added in UTC, where every day has 24 hours.
CREATE FUNCTION access_latest_end(from_moment timestamptz, span interval) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT (from_moment AT TIME ZONE 'UTC' + span) AT TIME ZONE 'UTC'
$$;

CREATE FUNCTION access_grant_of_request(made access_grant, verdict access_decision) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    asked access_accessrequest;
BEGIN
    SELECT * INTO asked FROM access_accessrequest WHERE id = verdict.request_id;
    IF (made.principal_id, made.team_id, made.dataset_id)
       IS DISTINCT FROM (asked.principal_id, asked.team_id, asked.dataset_id) THEN
        RAISE EXCEPTION 'decision % is about another holder or dataset', verdict.id USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION access_grant_of_restore(made access_grant) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    lost access_grant;
BEGIN
    SELECT * INTO lost FROM access_grant WHERE id = made.restored_from_id;
    IF lost.id IS NULL OR lost.end_reason <> 'unused' OR made.expires_at > lost.expires_at
       OR made.starts_at > lost.ended_at + interval '30 days'
       OR (made.principal_id, made.team_id, made.dataset_id, made.columns, made.rows, made.masks)
          IS DISTINCT FROM (lost.principal_id, lost.team_id, lost.dataset_id, lost.columns, lost.rows, lost.masks)
       OR NOT made.unmasked <@ lost.unmasked THEN
        RAISE EXCEPTION 'only what ended for lack of use comes back, as it was and no longer'
            USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION access_grant_on_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    verdict access_decision;
BEGIN
    SELECT * INTO verdict FROM access_decision WHERE id = NEW.decision_id;
    IF verdict.id IS NULL OR NOT verdict.approves THEN
        RAISE EXCEPTION 'a grant needs a decision that approves' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.ended_at IS NOT NULL OR NEW.suspended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a grant begins open' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.expires_at > access_latest_end(greatest(verdict.decided_at, NEW.starts_at), verdict.duration)
       OR (verdict.columns IS NOT NULL AND (NEW.columns IS NULL OR NOT NEW.columns <@ verdict.columns))
       OR NOT NEW.unmasked <@ verdict.unmasked OR NEW.rows <> verdict.rows THEN
        RAISE EXCEPTION 'decision % allows less than this grant', verdict.id USING ERRCODE = 'check_violation';
    END IF;
    IF (verdict.kind = 'restore') <> (NEW.restored_from_id IS NOT NULL) THEN
        RAISE EXCEPTION 'a restored grant names the one it brings back' USING ERRCODE = 'check_violation';
    END IF;
    IF verdict.kind = 'restore' THEN
        PERFORM access_grant_of_restore(NEW);
    ELSIF verdict.decider_id IS NOT NULL AND access_gains(verdict.decider_id, NEW.principal_id, NEW.team_id) THEN
        RAISE EXCEPTION 'decision %: nobody decides what they would gain', verdict.id USING ERRCODE = 'check_violation';
    END IF;
    IF verdict.request_id IS NOT NULL THEN
        PERFORM access_grant_of_request(NEW, verdict);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION access_grant_on_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'grant % has ended and stays as it was', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.id, OLD.principal_id, OLD.team_id, OLD.dataset_id, OLD.decision_id, OLD.purpose, OLD.rows, OLD.masks,
        OLD.starts_at, OLD.restored_from_id, OLD.created_at)
       IS DISTINCT FROM
       (NEW.id, NEW.principal_id, NEW.team_id, NEW.dataset_id, NEW.decision_id, NEW.purpose, NEW.rows, NEW.masks,
        NEW.starts_at, NEW.restored_from_id, NEW.created_at) THEN
        RAISE EXCEPTION 'grant %: what was decided is frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NOT NEW.unmasked <@ OLD.unmasked
       OR (OLD.columns IS NOT NULL AND (NEW.columns IS NULL OR NOT NEW.columns <@ OLD.columns)) THEN
        RAISE EXCEPTION 'grant %: columns only narrow', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.suspended_at IS NOT NULL AND NEW.suspended_at IS NOT NULL AND OLD.suspended_at <> NEW.suspended_at THEN
        RAISE EXCEPTION 'grant % is suspended already', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.suspended_at IS NOT NULL AND NEW.suspended_at IS NULL AND OLD.expires_at <= statement_timestamp()
       AND NEW.ended_at IS NULL THEN
        RAISE EXCEPTION 'grant % has run out and does not wake', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.expires_at > OLD.expires_at THEN
        PERFORM access_require_renewal(OLD, NEW.expires_at);
    END IF;
    RETURN NEW;
END $$;

-- Raises unless somebody decided that this grant may last until then, and it has not run out in the meantime.
CREATE FUNCTION access_require_renewal(old_grant access_grant, until timestamptz) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    latest timestamptz;
BEGIN
    SELECT max(access_latest_end(d.decided_at, d.duration)) INTO latest
      FROM access_decision d JOIN access_accessrequest r ON r.id = d.request_id
     WHERE r.grant_id = old_grant.id AND r.kind = 'renewal' AND d.approves AND d.decided_at < old_grant.expires_at;
    IF latest IS NULL OR until > latest THEN
        RAISE EXCEPTION 'grant %: no decision lets it last until %', old_grant.id, until
            USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION access_grant_on_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'grant % stays on record', OLD.id USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER grant_within_decision BEFORE INSERT ON access_grant
    FOR EACH ROW EXECUTE FUNCTION access_grant_on_insert();
CREATE TRIGGER grant_moves_forward BEFORE UPDATE ON access_grant
    FOR EACH ROW EXECUTE FUNCTION access_grant_on_update();
CREATE TRIGGER grant_stays BEFORE DELETE ON access_grant
    FOR EACH ROW EXECUTE FUNCTION access_grant_on_delete();

CREATE UNIQUE INDEX one_grant_per_decision ON access_grant (decision_id);
"""

NO_GRANTS = """
DROP INDEX one_grant_per_decision;
DROP TRIGGER grant_within_decision ON access_grant;
DROP TRIGGER grant_moves_forward ON access_grant;
DROP TRIGGER grant_stays ON access_grant;
DROP FUNCTION access_grant_on_delete();
DROP FUNCTION access_grant_on_update();
DROP FUNCTION access_require_renewal(access_grant, timestamptz);
DROP FUNCTION access_grant_on_insert();
DROP FUNCTION access_grant_of_restore(access_grant);
DROP FUNCTION access_grant_of_request(access_grant, access_decision);
DROP FUNCTION access_latest_end(timestamptz, interval);
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0003_separation_of_duties")]

    operations = [
        migrations.RunSQL(LABEL, NO_LABEL),
        migrations.RunSQL(GRANTS, NO_GRANTS),
    ]
