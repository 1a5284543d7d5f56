"""What the nightly review puts aside instead of ending: sleeping grants, idle members, unread columns; and exemptions.

PostgreSQL keeps these as they were told: nobody exempts themself, and nothing is taken that was not announced.
"""

import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

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
    dependencies = [("access", "0008_deciding_guarded")]

    operations = [
        migrations.CreateModel(
            name="Dormancy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("reason", models.TextField()),
                ("sensitivity", models.CharField(max_length=12)),
                ("policy_version", models.PositiveIntegerField()),
                ("woken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.grant",
                    ),
                ),
                (
                    "woken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-since"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("woken_at", None)),
                        fields=("grant",),
                        name="one_dormancy_per_grant",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("warned_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("excluded_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.grant",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-warned_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("excluded_at__isnull", False), ("lifted_at", None)),
                        fields=["member", "grant"],
                        name="exclusion_by_member",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("warned_at"))),
                        name="exclusion_has_its_grace",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("excluded_at", None),
                            ("excluded_at__gte", models.F("warned_at")),
                            _connector="OR",
                        ),
                        name="member_is_warned_before_left_out",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("grant", "member"),
                        name="one_exclusion_at_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.grant",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["ends_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("starts_at")),
                            (
                                "ends_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("starts_at"),
                                    "+",
                                    models.Value(datetime.timedelta(days=180)),
                                ),
                            ),
                        ),
                        name="exemption_is_not_for_ever",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="exemption_says_why"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("grant",),
                        name="one_exemption_per_grant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RightSizing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=255), size=None
                    ),
                ),
                (
                    "kept",
                    models.JSONField(
                        blank=True, default=dict, help_text="{column: when it was brought back}"
                    ),
                ),
                ("reason", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("mask_due_at", models.DateTimeField()),
                ("masked_at", models.DateTimeField(blank=True, null=True)),
                ("drop_due_at", models.DateTimeField(blank=True, null=True)),
                ("dropped_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.grant",
                    ),
                ),
            ],
            options={
                "ordering": ["-proposed_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mask_due_at__gt", models.F("proposed_at"))),
                        name="columns_are_proposed_first",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("drop_due_at", None), ("masked_at", None)),
                            models.Q(
                                ("drop_due_at__gt", models.F("masked_at")),
                                ("masked_at__gte", models.F("proposed_at")),
                            ),
                            _connector="OR",
                        ),
                        name="masked_columns_have_their_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dropped_at", None),
                            models.Q(("closed_at__isnull", False), ("masked_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="columns_are_masked_before_dropped",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("grant",),
                        name="one_right_sizing_at_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
