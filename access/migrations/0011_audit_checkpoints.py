"""Old events may go once a checkpoint vouches for them; what happened to a dataset's rules is found by its moment.

The index is built without blocking writers, which a transaction could not.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

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
    atomic = False
    dependencies = [("access", "0010_rights_over_time")]

    operations = [
        migrations.CreateModel(
            name="AuditCheckpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("last_id", models.BigIntegerField(unique=True)),
                ("head", models.CharField(max_length=64)),
                (
                    "n_events",
                    models.BigIntegerField(
                        help_text="All events up to here, those of earlier checkpoints too."
                    ),
                ),
                ("until", models.DateTimeField(help_text="When the last of them was recorded.")),
                ("made_at", models.DateTimeField()),
                ("signature", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["last_id"],
            },
        ),
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(
                    (
                        "kind__in",
                        ("policy.changed", "policy.closed", "policy.broken", "policy.mended"),
                    )
                ),
                fields=["dataset", "at"],
                name="audit_of_rules",
            ),
        ),
        migrations.RunSQL(CHECKPOINTS, NO_CHECKPOINTS),
    ]
