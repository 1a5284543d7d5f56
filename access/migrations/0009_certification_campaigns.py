"""Certification campaigns, and the guards that hold for whoever writes to them.

A frozen set of grants, a word by somebody who gains nothing, and no end of a campaign that leaves a grant without one.
"""

from django.db import migrations

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
    replaces = [("access", "0014_certification_campaigns")]
    dependencies = [("access", "0008_audit_checkpoints")]

    operations = [
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
