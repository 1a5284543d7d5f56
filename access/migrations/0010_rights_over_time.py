"""What rights were in the past, kept by PostgreSQL whoever writes: who belonged to a team when, what a grant gave before.

What happened earlier is taken from the audit, as far as it tells.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

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

EARLIER = """
INSERT INTO access_membership (team_id, team_name, principal_id, joined_at)
SELECT g.id, g.name, p.id, coalesce(
           (SELECT max(e.at) FROM access_auditevent e WHERE e.kind = 'member.added' AND e.subject = 'team:' || g.name
              AND e.data ->> 'member' = access_holder_label(p.id, NULL)), p.date_joined)
  FROM access_principal_groups m JOIN auth_group g ON g.id = m.group_id JOIN access_principal p ON p.id = m.principal_id;

INSERT INTO access_membership (team_id, team_name, principal_id, joined_at, left_at)
SELECT g.id, g.name, p.id, coalesce(
           (SELECT max(e.at) FROM access_auditevent e WHERE e.kind = 'member.added' AND e.subject = gone.subject
              AND e.data ->> 'member' = gone.data ->> 'member' AND e.id < gone.id), p.date_joined), gone.at
  FROM access_auditevent gone JOIN auth_group g ON gone.subject = 'team:' || g.name
  JOIN access_principal p ON access_holder_label(p.id, NULL) = gone.data ->> 'member'
 WHERE gone.kind = 'member.removed';

INSERT INTO access_grantversion (grant_id, until, columns, unmasked, expires_at)
SELECT g.id, e.at,
       CASE jsonb_typeof(e.data -> 'old' -> 'columns') WHEN 'array'
            THEN ARRAY(SELECT jsonb_array_elements_text(e.data -> 'old' -> 'columns')) END,
       ARRAY(SELECT jsonb_array_elements_text(coalesce(e.data -> 'old' -> 'unmasked', '[]'))),
       coalesce((e.data -> 'old' ->> 'expires_at')::timestamptz, g.expires_at)
  FROM access_auditevent e JOIN access_grant g ON e.subject = 'grant:' || g.id
 WHERE e.kind = 'grant.renewed' ORDER BY e.id;

INSERT INTO access_grantversion (grant_id, until, columns, unmasked, expires_at, suspended_at)
SELECT g.id, e.at, g.columns, g.unmasked, g.expires_at,
       (SELECT max(s.at) FROM access_auditevent s WHERE s.subject = e.subject AND s.kind = 'grant.suspended' AND s.id < e.id)
  FROM access_auditevent e JOIN access_grant g ON e.subject = 'grant:' || g.id
 WHERE e.kind = 'grant.resumed' ORDER BY e.id;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0009_unused_reviewed")]

    operations = [
        migrations.CreateModel(
            name="GrantVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateTimeField()),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=255),
                        blank=True,
                        null=True,
                        size=None,
                    ),
                ),
                (
                    "unmasked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=255),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "grant",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="access.grant",
                    ),
                ),
            ],
            options={
                "ordering": ["until", "id"],
                "indexes": [models.Index(fields=["grant", "until"], name="version_by_grant")],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("team_name", models.CharField(max_length=150)),
                ("joined_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "principal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="access.team",
                    ),
                ),
            ],
            options={
                "ordering": ["joined_at", "id"],
                "indexes": [
                    models.Index(fields=["principal", "team"], name="membership_by_principal")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("team", "principal"),
                        name="one_membership_at_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(MOMENT, "DROP FUNCTION access_moment();"),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
        migrations.RunSQL(MEMBERSHIPS, NO_MEMBERSHIPS),
        migrations.RunSQL(VERSIONS, NO_VERSIONS),
    ]
