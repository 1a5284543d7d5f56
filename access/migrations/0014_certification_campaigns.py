"""Certification campaigns, and the guards that hold for whoever writes to them.

A frozen set of grants, a word by somebody who gains nothing, and no end of a campaign that leaves a grant without one.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION access_campaign_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'campaign % stays on record', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.closed_at IS NOT NULL
       OR (OLD.id, OLD.name, OLD.scope, OLD.opener_id, OLD.n_items, OLD.opens_at, OLD.due_at)
          IS DISTINCT FROM (NEW.id, NEW.name, NEW.scope, NEW.opener_id, NEW.n_items, NEW.opens_at, NEW.due_at) THEN
        RAISE EXCEPTION 'campaign %: what was opened is frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.closed_at IS NOT NULL AND EXISTS (
        SELECT FROM access_campaignitem i WHERE i.campaign_id = NEW.id AND i.verdict = ''
           AND i.suspended_at IS NULL AND i.moot_at IS NULL) THEN
        RAISE EXCEPTION 'campaign %: a grant is neither decided nor suspended', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaign_guard BEFORE UPDATE OR DELETE ON access_campaign
    FOR EACH ROW EXECUTE FUNCTION access_campaign_guard();

-- The set of grants is complete when the campaign is opened, and nothing joins it later.
CREATE FUNCTION access_campaign_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM access_campaign c WHERE c.id IN (SELECT campaign_id FROM added)
                  AND (c.closed_at IS NOT NULL
                       OR c.n_items < (SELECT count(*) FROM access_campaignitem i WHERE i.campaign_id = c.id))) THEN
        RAISE EXCEPTION 'nothing joins a campaign that is open' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER campaign_is_frozen AFTER INSERT ON access_campaignitem REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION access_campaign_is_frozen();

-- Raises unless this person may say something about this grant.
CREATE FUNCTION access_require_certifier(person bigint, item bigint, asked bigint) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM access_principal p WHERE p.id = person AND p.is_active AND p.kind = 'person') THEN
        RAISE EXCEPTION 'item %: only a person who is active certifies', item USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM access_grant g WHERE g.id = asked AND access_gains(person, g.principal_id, g.team_id)) THEN
        RAISE EXCEPTION 'item %: nobody certifies what they hold', item USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION access_item_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'item % stays on record', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.verdict <> '' OR NEW.suspended_at IS NOT NULL OR NEW.moot_at IS NOT NULL THEN
            RAISE EXCEPTION 'an item begins undecided' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.carried_out_at IS NOT NULL OR OLD.moot_at IS NOT NULL
       OR (OLD.id, OLD.campaign_id, OLD.grant_id) IS DISTINCT FROM (NEW.id, NEW.campaign_id, NEW.grant_id)
       OR (OLD.suspended_at IS NOT NULL AND NEW.suspended_at IS DISTINCT FROM OLD.suspended_at) THEN
        RAISE EXCEPTION 'item %: what was settled is frozen', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.verdict <> '' AND NEW.verdict <> ''
       AND (OLD.verdict, OLD.reason, OLD.columns, OLD.decided_by_id, OLD.on_behalf_of_id, OLD.decided_at)
           IS DISTINCT FROM
           (NEW.verdict, NEW.reason, NEW.columns, NEW.decided_by_id, NEW.on_behalf_of_id, NEW.decided_at) THEN
        RAISE EXCEPTION 'item % is decided', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.verdict <> '' AND (OLD.priority, OLD.recommended, OLD.because, OLD.findings, OLD.unused, OLD.last_used_at)
       IS DISTINCT FROM (NEW.priority, NEW.recommended, NEW.because, NEW.findings, NEW.unused, NEW.last_used_at) THEN
        RAISE EXCEPTION 'item %: the evidence of a verdict stays', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.suspended_at IS NULL AND NEW.suspended_at IS NOT NULL AND (NEW.verdict <> '' OR NEW.suspended_at <
        (SELECT c.due_at FROM access_campaign c WHERE c.id = NEW.campaign_id)) THEN
        RAISE EXCEPTION 'item %: only silence at the deadline suspends', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.moot_at IS NOT NULL AND EXISTS (SELECT FROM access_grant g WHERE g.id = NEW.grant_id
                                             AND g.ended_at IS NULL AND g.expires_at > NEW.moot_at) THEN
        RAISE EXCEPTION 'item %: its grant is not over', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.verdict = '' AND NEW.verdict <> '' THEN
        PERFORM access_require_certifier(NEW.decided_by_id, OLD.id, OLD.grant_id);
        IF NEW.on_behalf_of_id IS NOT NULL THEN
            PERFORM access_require_certifier(NEW.on_behalf_of_id, OLD.id, OLD.grant_id);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER item_guard BEFORE INSERT OR UPDATE OR DELETE ON access_campaignitem
    FOR EACH ROW EXECUTE FUNCTION access_item_guard();
"""

NO_GUARDS = """
DROP TRIGGER item_guard ON access_campaignitem;
DROP TRIGGER campaign_is_frozen ON access_campaignitem;
DROP TRIGGER campaign_guard ON access_campaign;
DROP FUNCTION access_item_guard();
DROP FUNCTION access_require_certifier(bigint, bigint, bigint);
DROP FUNCTION access_campaign_is_frozen();
DROP FUNCTION access_campaign_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0013_telling"),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("scope", models.CharField(max_length=620)),
                ("n_items", models.PositiveIntegerField()),
                ("opens_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("evidence_at", models.DateTimeField()),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "opener",
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
                "ordering": ["-opens_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="CampaignItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("priority", models.PositiveSmallIntegerField(default=0)),
                (
                    "recommended",
                    models.CharField(
                        blank=True,
                        choices=[("keep", "Keep"), ("narrow", "Narrow"), ("revoke", "Revoke")],
                        max_length=6,
                    ),
                ),
                ("because", models.TextField()),
                (
                    "findings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "unused",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=255),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("keep", "Keep"), ("narrow", "Narrow"), ("revoke", "Revoke")],
                        max_length=6,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=255),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("carried_out_at", models.DateTimeField(blank=True, null=True)),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
                ("moot_at", models.DateTimeField(blank=True, null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.campaign",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.grant",
                    ),
                ),
                (
                    "on_behalf_of",
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
                "ordering": ["-priority", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["due_at"],
                name="open_campaign_by_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__gt", models.F("opens_at"))),
                name="campaign_is_due_after_it_opens",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__regex", "^(domain|dataset|team):.")),
                name="campaign_has_a_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("scope",),
                name="one_open_campaign_per_scope",
            ),
        ),
        migrations.AddIndex(
            model_name="campaignitem",
            index=models.Index(fields=["campaign", "-priority", "id"], name="item_by_priority"),
        ),
        migrations.AddIndex(
            model_name="campaignitem",
            index=models.Index(
                condition=models.Q(
                    models.Q(("verdict", ""), _negated=True), ("carried_out_at", None)
                ),
                fields=["decided_at"],
                name="item_to_carry_out",
            ),
        ),
        migrations.AddIndex(
            model_name="campaignitem",
            index=models.Index(fields=["grant"], name="item_by_grant"),
        ),
        migrations.AddConstraint(
            model_name="campaignitem",
            constraint=models.UniqueConstraint(
                fields=("campaign", "grant"), name="grant_is_reviewed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("carried_out_at", None),
                        ("columns", []),
                        ("decided_at", None),
                        ("decided_by", None),
                        ("on_behalf_of", None),
                        ("reason", ""),
                        ("verdict", ""),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("moot_at", None),
                        models.Q(("verdict", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="certification_says_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict__in", ["", "keep"]),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="taking_away_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("verdict", "narrow"), _negated=True),
                    models.Q(("columns", []), _negated=True),
                    _connector="OR",
                ),
                name="narrowing_names_columns",
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
