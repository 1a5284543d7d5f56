"""What the nightly review puts aside instead of ending: sleeping grants, idle members, unread columns; and exemptions.

PostgreSQL keeps these as they were told: nobody exempts themself, and nothing is taken that was not announced.
"""

from django.db import migrations

GUARDS = """
-- An exemption is somebody else's word for the holder, and only its early end may be noted.
CREATE FUNCTION access_exemption_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT FROM access_grant g WHERE g.id = NEW.grant_id
                     AND access_gains(NEW.owner_id, g.principal_id, g.team_id)) THEN
            RAISE EXCEPTION 'grant %: nobody exempts what they hold', NEW.grant_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.withdrawn_at IS NOT NULL OR (OLD.grant_id, OLD.owner_id, OLD.reason, OLD.starts_at, OLD.ends_at)
       IS DISTINCT FROM (NEW.grant_id, NEW.owner_id, NEW.reason, NEW.starts_at, NEW.ends_at) THEN
        RAISE EXCEPTION 'exemption %: what was said is frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exemption_guard BEFORE INSERT OR UPDATE ON access_exemption
    FOR EACH ROW EXECUTE FUNCTION access_exemption_guard();

CREATE FUNCTION access_dormancy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.woken_at IS NOT NULL OR (OLD.grant_id, OLD.since, OLD.sensitivity, OLD.policy_version)
       IS DISTINCT FROM (NEW.grant_id, NEW.since, NEW.sensitivity, NEW.policy_version) THEN
        RAISE EXCEPTION 'dormancy %: what was is frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dormancy_guard BEFORE UPDATE ON access_dormancy
    FOR EACH ROW EXECUTE FUNCTION access_dormancy_guard();

CREATE FUNCTION access_exclusion_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL OR (OLD.excluded_at IS NOT NULL AND NEW.excluded_at IS DISTINCT FROM OLD.excluded_at)
       OR (OLD.grant_id, OLD.member_id, OLD.warned_at, OLD.due_at)
          IS DISTINCT FROM (NEW.grant_id, NEW.member_id, NEW.warned_at, NEW.due_at) THEN
        RAISE EXCEPTION 'exclusion %: what was is frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exclusion_guard BEFORE UPDATE ON access_exclusion
    FOR EACH ROW EXECUTE FUNCTION access_exclusion_guard();

-- Columns once proposed stay proposed, those brought back stay back: a right-sizing never takes more than was told.
CREATE FUNCTION access_right_sizing_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL OR (OLD.grant_id, OLD.columns, OLD.proposed_at, OLD.mask_due_at)
       IS DISTINCT FROM (NEW.grant_id, NEW.columns, NEW.proposed_at, NEW.mask_due_at)
       OR (OLD.masked_at IS NOT NULL AND NEW.masked_at IS DISTINCT FROM OLD.masked_at) OR NOT NEW.kept @> OLD.kept THEN
        RAISE EXCEPTION 'right-sizing %: what was proposed is frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER right_sizing_guard BEFORE UPDATE ON access_rightsizing
    FOR EACH ROW EXECUTE FUNCTION access_right_sizing_guard();

CREATE FUNCTION access_review_row_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % stays on record', TG_TABLE_NAME, OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER exemption_stays BEFORE DELETE ON access_exemption
    FOR EACH ROW EXECUTE FUNCTION access_review_row_stays();
CREATE TRIGGER dormancy_stays BEFORE DELETE ON access_dormancy
    FOR EACH ROW EXECUTE FUNCTION access_review_row_stays();
CREATE TRIGGER exclusion_stays BEFORE DELETE ON access_exclusion
    FOR EACH ROW EXECUTE FUNCTION access_review_row_stays();
CREATE TRIGGER right_sizing_stays BEFORE DELETE ON access_rightsizing
    FOR EACH ROW EXECUTE FUNCTION access_review_row_stays();
"""

NO_GUARDS = """
DROP TRIGGER right_sizing_stays ON access_rightsizing;
DROP TRIGGER exclusion_stays ON access_exclusion;
DROP TRIGGER dormancy_stays ON access_dormancy;
DROP TRIGGER exemption_stays ON access_exemption;
DROP FUNCTION access_review_row_stays();
DROP TRIGGER right_sizing_guard ON access_rightsizing;
DROP FUNCTION access_right_sizing_guard();
DROP TRIGGER exclusion_guard ON access_exclusion;
DROP FUNCTION access_exclusion_guard();
DROP TRIGGER dormancy_guard ON access_dormancy;
DROP FUNCTION access_dormancy_guard();
DROP TRIGGER exemption_guard ON access_exemption;
DROP FUNCTION access_exemption_guard();
"""


class Migration(migrations.Migration):
    replaces = [("access", "0009_unused_reviewed")]
    dependencies = [("access", "0005_deciding_guarded")]

    operations = [
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
