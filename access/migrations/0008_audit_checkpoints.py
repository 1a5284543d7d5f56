"""Old events may go once a checkpoint vouches for them; what happened to a dataset's rules is found by its moment."""

from django.db import migrations

CHECKPOINTS = """
CREATE FUNCTION access_checkpoint_on_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM access_auditseal s WHERE s.last_id = NEW.last_id AND s.head = NEW.head)
       OR NEW.last_id <= (SELECT max(last_id) FROM access_auditcheckpoint) THEN
        RAISE EXCEPTION 'audit: a checkpoint stands on a seal and after the one before it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER checkpoint_on_seal BEFORE INSERT ON access_auditcheckpoint
    FOR EACH ROW EXECUTE FUNCTION access_checkpoint_on_insert();
CREATE TRIGGER checkpoint_stays BEFORE UPDATE OR DELETE ON access_auditcheckpoint
    FOR EACH ROW EXECUTE FUNCTION access_audit_refuse();
CREATE TRIGGER checkpoints_stay BEFORE TRUNCATE ON access_auditcheckpoint
    FOR EACH STATEMENT EXECUTE FUNCTION access_audit_refuse();

-- Below a checkpoint events may go, above it none; seals always stay.
CREATE FUNCTION access_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.id <= (SELECT max(last_id) FROM access_auditcheckpoint) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit: % only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER audit_event_stays ON access_auditevent;
CREATE TRIGGER audit_event_stays BEFORE UPDATE OR DELETE ON access_auditevent
    FOR EACH ROW EXECUTE FUNCTION access_audit_keep();
"""

NO_CHECKPOINTS = """
DROP TRIGGER audit_event_stays ON access_auditevent;
CREATE TRIGGER audit_event_stays BEFORE UPDATE OR DELETE ON access_auditevent
    FOR EACH ROW EXECUTE FUNCTION access_audit_refuse();
DROP FUNCTION access_audit_keep();
DROP TRIGGER checkpoints_stay ON access_auditcheckpoint;
DROP TRIGGER checkpoint_stays ON access_auditcheckpoint;
DROP TRIGGER checkpoint_on_seal ON access_auditcheckpoint;
DROP FUNCTION access_checkpoint_on_insert();
"""


class Migration(migrations.Migration):
    replaces = [("access", "0011_audit_checkpoints")]
    dependencies = [("access", "0007_rights_over_time")]

    operations = [
        migrations.RunSQL(CHECKPOINTS, NO_CHECKPOINTS),
    ]
