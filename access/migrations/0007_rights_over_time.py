"""What rights were in the past, kept by PostgreSQL whoever writes: who belonged to a team when, what a grant gave before."""

from django.db import migrations

MOMENT = """
-- When something happens: now. A story told afterwards (the demo's) may set an earlier moment, never a later one.
CREATE FUNCTION access_moment() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT least(coalesce(nullif(current_setting('gatehouse.moment', true), '')::timestamptz, statement_timestamp()),
                 statement_timestamp())
$$;
"""

MEMBERSHIPS = """
CREATE FUNCTION access_membership_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        UPDATE access_membership SET left_at = greatest(joined_at, access_moment())
         WHERE team_id = OLD.group_id AND principal_id = OLD.principal_id AND left_at IS NULL;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO access_membership (team_id, team_name, principal_id, joined_at)
        SELECT g.id, g.name, NEW.principal_id, access_moment() FROM auth_group g WHERE g.id = NEW.group_id
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER membership_follows AFTER INSERT OR UPDATE OR DELETE ON access_principal_groups
    FOR EACH ROW EXECUTE FUNCTION access_membership_follows();

CREATE FUNCTION access_membership_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.left_at IS NOT NULL OR NEW.left_at IS NULL
       OR (OLD.team_id, OLD.team_name, OLD.principal_id, OLD.joined_at)
          IS DISTINCT FROM (NEW.team_id, NEW.team_name, NEW.principal_id, NEW.joined_at) THEN
        RAISE EXCEPTION 'membership %: what was stays on record', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER membership_guard BEFORE UPDATE OR DELETE ON access_membership
    FOR EACH ROW EXECUTE FUNCTION access_membership_guard();
"""

NO_MEMBERSHIPS = """
DROP TRIGGER membership_guard ON access_membership;
DROP FUNCTION access_membership_guard();
DROP TRIGGER membership_follows ON access_principal_groups;
DROP FUNCTION access_membership_follows();
"""

VERSIONS = """
-- A statement that changes a hundred thousand grants writes their versions in one more.
CREATE FUNCTION access_grant_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO access_grantversion (grant_id, until, columns, unmasked, expires_at, suspended_at)
    SELECT was.id, access_moment(), was.columns, was.unmasked, was.expires_at, was.suspended_at
      FROM was JOIN became ON became.id = was.id
     WHERE (was.columns, was.unmasked, was.expires_at, was.suspended_at)
           IS DISTINCT FROM (became.columns, became.unmasked, became.expires_at, became.suspended_at);
    RETURN NULL;
END $$;
CREATE TRIGGER grant_version_kept AFTER UPDATE ON access_grant REFERENCING OLD TABLE AS was NEW TABLE AS became
    FOR EACH STATEMENT EXECUTE FUNCTION access_grant_version_kept();

CREATE FUNCTION access_grant_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'version % of a grant stays on record', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER grant_version_stays BEFORE UPDATE OR DELETE ON access_grantversion
    FOR EACH ROW EXECUTE FUNCTION access_grant_version_stays();
"""

NO_VERSIONS = """
DROP TRIGGER grant_version_stays ON access_grantversion;
DROP FUNCTION access_grant_version_stays();
DROP TRIGGER grant_version_kept ON access_grant;
DROP FUNCTION access_grant_version_kept();
"""


class Migration(migrations.Migration):
    replaces = [("access", "0010_rights_over_time")]
    dependencies = [("access", "0006_unused_reviewed")]

    operations = [
        migrations.RunSQL(MOMENT, "DROP FUNCTION access_moment();"),
        migrations.RunSQL(MEMBERSHIPS, NO_MEMBERSHIPS),
        migrations.RunSQL(VERSIONS, NO_VERSIONS),
    ]
