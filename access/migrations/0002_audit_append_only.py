"""PostgreSQL computes the digest of every audit event and refuses to change or remove one, or a seal."""

from django.db import migrations

DIGEST = """
CREATE FUNCTION access_audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(octet_length(convert_to(value, 'UTF8')) || ':' || value, '-')
$$;

-- Every field with its length in front, so that no two different events have one text.
CREATE FUNCTION access_audit_digest(e access_auditevent) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(
        access_audit_field(e.id::text)
        || access_audit_field(to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        || access_audit_field(e.kind)
        || access_audit_field(e.actor_id::text)
        || access_audit_field(e.actor_label)
        || access_audit_field(e.subject)
        || access_audit_field(e.dataset)
        || access_audit_field(e.reason)
        || access_audit_field(e.data::text), 'UTF8')), 'hex')
$$;

CREATE FUNCTION access_audit_on_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A seal covers every event up to its last one: nothing may slip in below it.
    IF NEW.id <= (SELECT max(last_id) FROM access_auditseal) THEN
        RAISE EXCEPTION 'audit: event % would lie below a seal', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.digest := access_audit_digest(NEW);
    RETURN NEW;
END $$;

CREATE TRIGGER audit_event_digest BEFORE INSERT ON access_auditevent
    FOR EACH ROW EXECUTE FUNCTION access_audit_on_insert();
"""

NO_DIGEST = """
DROP TRIGGER audit_event_digest ON access_auditevent;
DROP FUNCTION access_audit_on_insert();
DROP FUNCTION access_audit_digest(access_auditevent);
DROP FUNCTION access_audit_field(text);
"""

APPEND_ONLY = """
CREATE FUNCTION access_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit: % only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION access_seal_on_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before access_auditseal;
BEGIN
    SELECT * INTO before FROM access_auditseal ORDER BY last_id DESC LIMIT 1;
    IF NEW.previous_head <> coalesce(before.head, repeat('0', 64))
       OR NEW.first_id <= coalesce(before.last_id, 0) OR NEW.last_id < NEW.first_id THEN
        RAISE EXCEPTION 'audit: a seal continues the one before it' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_event_stays BEFORE UPDATE OR DELETE ON access_auditevent
    FOR EACH ROW EXECUTE FUNCTION access_audit_refuse();
CREATE TRIGGER audit_events_stay BEFORE TRUNCATE ON access_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION access_audit_refuse();
CREATE TRIGGER audit_seal_continues BEFORE INSERT ON access_auditseal
    FOR EACH ROW EXECUTE FUNCTION access_seal_on_insert();
CREATE TRIGGER audit_seal_stays BEFORE UPDATE OR DELETE ON access_auditseal
    FOR EACH ROW EXECUTE FUNCTION access_audit_refuse();
CREATE TRIGGER audit_seals_stay BEFORE TRUNCATE ON access_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION access_audit_refuse();
"""

NOT_APPEND_ONLY = """
DROP TRIGGER audit_event_stays ON access_auditevent;
DROP TRIGGER audit_events_stay ON access_auditevent;
DROP TRIGGER audit_seal_continues ON access_auditseal;
DROP TRIGGER audit_seal_stays ON access_auditseal;
DROP TRIGGER audit_seals_stay ON access_auditseal;
DROP FUNCTION access_seal_on_insert();
DROP FUNCTION access_audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_first")]

    operations = [
        migrations.RunSQL(DIGEST, NO_DIGEST),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
    ]
