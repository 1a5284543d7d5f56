"""Removes what an earlier apply created and the files no longer name; what people made stays.

People are deactivated and grants ended, never deleted: the audit goes on pointing at them. A dataset is a table in a
warehouse and does not go away; what the configuration said of it does.
"""

from collections.abc import Callable

from access import grants
from access.deciding import approval
from access.errors import Conflict
from access.models import EndReason, Grant, NativeAccess, Principal, Team
from access.people import principals, stewardship, teams
from access.people.permissions import Permission
from access.policies import rules
from catalog import provenance, search
from catalog.models import Check, Dataset, Domain, Sensitivity, Source, Warehouse
from portal.configuration.webhooks import remove_webhook
from portal.configuration.work import Work, holder_named
from portal.models import AppliedObject, Dashboard


def prune(work: Work) -> None:
    """Remove, in an order in which nothing is left pointing at something gone."""
    for kind, remove in REMOVERS.items():
        for applied in AppliedObject.objects.filter(kind=kind).order_by("key"):
            if (kind, applied.key) not in work.named:
                try:
                    removed = remove(work, applied.key)
                except Conflict:  # The last administrator stays, and stays known as the files' own.
                    continue
                if removed:
                    work.changed(kind, applied.key, "remove")
                applied.delete()


def _grant(work: Work, key: str) -> bool:
    holder, _, rest = key.partition(" on ")
    dataset, _, reason = rest.partition(" for ")
    who = holder_named(holder)
    owner = {"team": who} if isinstance(who, Team) else {"principal": who}
    found = Grant.objects.filter(dataset__name=dataset, purpose=reason, ended_at=None, **owner)
    for grant in found:
        grants.revoke(
            grant,
            actor=None,
            reason="The configuration no longer names it.",
            end_reason=EndReason.CONFIGURATION,
            now=work.now,
        )
    return bool(found)


def _dashboard(work: Work, key: str) -> bool:
    return bool(Dashboard.objects.filter(name=key).delete()[0])


def _dataset(work: Work, key: str) -> bool:
    dataset = Dataset.objects.filter(name=key).first()
    if dataset is None:
        return False
    provenance.say_all([], source=Source.CONFIGURATION, now=work.now, all_about=[dataset])
    search.refresh([dataset.pk])
    Check.objects.filter(dataset=dataset, source=Source.CONFIGURATION).delete()
    for permission in (Permission.DECIDE, Permission.SEE_METADATA):
        for holder in stewardship.appointed(dataset=dataset, permission=permission):
            stewardship.dismiss(holder, dataset=dataset, actor=None, now=work.now)
    rules.close(dataset, reason="The configuration no longer names it.", actor=None, now=work.now)
    return True


def _domain(work: Work, key: str) -> bool:
    domain = Domain.objects.filter(name=key).first()
    if domain is None:
        return False
    for holder in stewardship.appointed(domain=domain, permission=Permission.DECIDE):
        stewardship.dismiss(holder, domain=domain, actor=None, now=work.now)
    domain.delete()
    return True


def _sensitivity(work: Work, key: str) -> bool:
    return approval.say(Sensitivity(key), approval.NOTHING, actor=None, now=work.now)


def _membership(work: Work, key: str) -> bool:
    team_name, _, username = key.rpartition("/")
    team = Team.objects.filter(name=team_name).first()
    member = Principal.objects.filter(username=username, groups__name=team_name).first()
    if team is None or member is None:
        return False
    teams.remove_member(team, member, actor=None, now=work.now)
    return True


def _team(work: Work, key: str) -> bool:
    team = Team.objects.filter(name=key).first()
    if team is None:
        return False
    teams.delete_team(team, actor=None, now=work.now)
    return True


def _user(work: Work, key: str) -> bool:
    person = Principal.objects.filter(username=key, is_active=True).first()
    if person is None:
        return False
    principals.deactivate(
        person, actor=None, reason="The configuration no longer names them.", now=work.now
    )
    return True


def _warehouse(work: Work, key: str) -> bool:
    """A warehouse goes when nothing in it is in use any more; otherwise it stays, described but unnamed."""
    warehouse = Warehouse.objects.filter(name=key).first()
    if warehouse is None or Dataset.objects.filter(warehouse=warehouse).exists():
        return False
    # What was made in it for native access would be left behind, and nobody would know of it.
    if NativeAccess.objects.filter(warehouse=warehouse).exists():
        return False
    warehouse.delete()
    return True


REMOVERS: dict[str, Callable[[Work, str], bool]] = {
    "grant": _grant,
    "dashboard": _dashboard,
    "dataset": _dataset,
    "domain": _domain,
    "sensitivity": _sensitivity,
    "membership": _membership,
    "team": _team,
    "user": _user,
    "warehouse": _warehouse,
    "webhook": remove_webhook,
}
