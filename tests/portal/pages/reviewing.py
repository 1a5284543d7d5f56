"""A company whose access is due for a review: people, data of several kinds, and every sort of evidence."""

from datetime import timedelta

from access import campaigns, grants
from access.clock import database_now
from access.models import Campaign, Grant, GrantUse, Principal
from tests.access.lifecycle import DAY, stewarded, use
from tests.datasets import make_domain
from tests.people import make_person, put_in_charge

DATA = (("Customers", "confidential"), ("Orders", "internal"), ("Salaries", "restricted"))


def make_review(steward: Principal, n_grants: int, *, due: timedelta = 14 * DAY) -> Campaign:
    """A review of a domain in which grants are unused, idle, over-granted, in the clear, new or simply in use."""
    now = database_now()
    domain = make_domain()
    put_in_charge(steward, domain)
    data = [
        stewarded(None, f"sales.{title.lower()}", domain=domain, title=title, sensitivity=level)
        for title, level in DATA
    ]
    for number in range(n_grants):
        holder = make_person(f"holder{number}", name=f"Holder {number}")
        age = 110 if number % 4 == 3 else 10 + number * 7 % 90
        grant = grants.grant_directly(
            holder,
            data[number % len(data)],
            actor=None,
            reason="Quarterly churn report",
            unmasked=["email"] if number % 9 == 0 else (),
            expires_at=now + (5 + number * 13 % 60) * DAY,
            now=now - age * DAY,
        )
        _use(grant, number, age)
    return campaigns.open_campaign(
        "Autumn", f"domain:{domain.name}", actor=steward, due_at=now + due, now=now
    )


def _use(grant: Grant, number: int, age: int) -> None:
    now = database_now()
    at = now - min(age, number * 11 % 90) * DAY
    if number % 5:
        use(grant, at)
    if number % 4 == 3:
        use(grant, now - DAY)
        GrantUse.objects.create(
            grant=grant,
            principal=grant.principal,
            day=now.date() - DAY,
            column_name="country",
            n_queries=1,
            last_used_at=now - DAY,
        )
