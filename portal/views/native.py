"""Native access, for who answers for a warehouse: switching it, how it fares, and what others changed there."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from access import provisioning
from access.clock import database_now
from access.errors import AccessError, NotAllowed
from access.models import NativeAccess, NativeFinding, NativeLogin, Principal
from catalog.engines import EngineError
from catalog.models import Warehouse
from portal.forms.native import NativeForm
from portal.views.people import person


@dataclass(frozen=True)
class Standing:
    """One warehouse as its owners see it."""

    warehouse: Warehouse
    access: NativeAccess | None
    form: NativeForm
    logins: tuple[NativeLogin, ...] = ()
    findings: tuple[NativeFinding, ...] = ()

    @property
    def is_on(self) -> bool:
        """Whether people may have logins."""
        return self.access is not None and self.access.is_on

    @property
    def missing(self) -> list[tuple[str, str]]:
        """Tables without a view, and why, each once."""
        return sorted({pair for login in self.logins for pair in login.missing.items()})


def native(request: HttpRequest) -> HttpResponse:
    """The warehouses this person answers for."""
    viewer = person(request)
    warehouses = provisioning.switchable_by(viewer)
    if not warehouses and not viewer.is_administrator:
        raise NotAllowed(
            "Only an administrator, or who answers for every dataset of a warehouse, switches this."
        )
    return _page(request, viewer)


@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Switch it on or off, change how it works, or compare the warehouse now."""
    viewer, now = person(request), database_now()
    warehouse = next((each for each in provisioning.switchable_by(viewer) if each.pk == pk), None)
    if warehouse is None:
        raise Http404
    access = provisioning.native_of(warehouse)
    if act == "on":
        provisioning.switch_on(warehouse, actor=viewer, now=now)
        messages.success(request, f"On. People with grants may now open a login to {warehouse}.")
    elif access is None:
        raise Http404
    elif act == "off":
        provisioning.switch_off(access, actor=viewer, now=now)
        messages.success(request, f"Off. What was made in {warehouse} is taken out within moments.")
    elif act == "change":
        form = NativeForm.of(access, request.POST)
        if not form.is_valid():
            return _page(request, viewer, form, status=422)
        try:
            provisioning.change(access, actor=viewer, now=now, **form.said())
        except AccessError as error:
            form.add_error(getattr(error, "field", None) or None, error.message)
            return _page(request, viewer, form, status=422)
        messages.success(request, "Kept.")
    elif act == "compare":
        _compare(request, access)
    else:
        raise Http404
    return redirect("native")


def _compare(request: HttpRequest, access: NativeAccess) -> None:
    try:
        outcome = provisioning.settle(access, now=database_now())
    except EngineError:
        messages.error(request, "The warehouse could not be compared; below it says why.")
        return
    n_new = outcome.n_found
    said = f"{n_new} new findings" if n_new else "nothing new was found"
    messages.success(request, f"Compared: {said}, {outcome.n_put} logins put in place.")


def _page(
    request: HttpRequest, viewer: Principal, typed: NativeForm | None = None, status: int = 200
) -> HttpResponse:
    standings = [_standing(each, typed) for each in provisioning.switchable_by(viewer)]
    return render(request, "portal/native.html", {"standings": standings}, status=status)


def _standing(warehouse: Warehouse, typed: NativeForm | None) -> Standing:
    access = provisioning.native_of(warehouse)
    form = NativeForm.of(access)
    if typed is not None and typed.prefix == form.prefix:
        form = typed
    if access is None:
        return Standing(warehouse, None, form)
    logins = NativeLogin.objects.filter(native=access, ended_at=None).select_related("principal")
    return Standing(
        warehouse,
        access,
        form,
        tuple(logins.order_by("principal__username")),
        tuple(provisioning.open_findings(access)),
    )
