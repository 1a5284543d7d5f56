"""Who is here stays here until the transaction is over: what gives somebody something cannot miss that they leave."""

from django.db.models import Q

from access.errors import Conflict
from access.models import Principal, PrincipalKind


def keep_here(*people: Principal) -> None:
    """Hold the rows of these people, and of whoever answers for a service account among them.

    Whoever deactivates one of them waits, and then finds what they got meanwhile. Rows are held in one order, so that
    nobody waits for each other. Errors: `Conflict` for one who left, or for whom nobody answers any more.
    """
    keys = {person.pk for person in people}
    wanted = Q(pk__in=keys) | Q(pk__in=Principal.objects.filter(pk__in=keys).values("owner"))
    rows = Principal.objects.select_for_update(no_key=True).filter(wanted).order_by("pk")
    here = {row.pk: row for row in rows if row.is_active}
    for person in people:
        if person.pk not in here:
            raise Conflict(f"{person.label} is not active any more.")
        held = here[person.pk]
        if held.kind == PrincipalKind.SERVICE and held.owner_id not in here:
            raise Conflict(f"Nobody answers for {person.label} any more. Name somebody first.")
