"""The page of a dataset, its history, and the words people put on it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_POST

from access import describing
from access.clock import database_now
from access.describing import EditedMeanwhile
from access.discovery import dataset_for, discoverable_by
from access.errors import Invalid
from access.models import Principal
from access.people.permissions import Permission, may, require
from catalog import edits
from catalog.models import Dataset
from portal.forms.describing import DeprecateForm, DescribeForm
from portal.pages.dataset import page_of, versions_of
from portal.pages.describing import Editor, as_text, editor_of
from portal.views.people import person


def dataset(request: HttpRequest, name: str) -> HttpResponse:
    """The dataset page."""
    viewer = person(request)
    found = dataset_for(viewer, name)
    page = page_of(viewer, found, now=database_now(), address=settings.PORTAL_URL)
    return render(request, "portal/dataset.html", {"page": page, "dataset": found})


def history(request: HttpRequest, name: str) -> HttpResponse:
    """What changed: the words about a dataset and the shape of it."""
    viewer = person(request)
    found = dataset_for(viewer, name)
    context = {
        "dataset": found,
        "edits": edits.history(found, visible=discoverable_by(viewer)),
        "versions": versions_of(found, limit=50),
        "may_describe": may(viewer, Permission.DESCRIBE, found),
    }
    return render(request, "portal/history.html", context)


def describe(request: HttpRequest, name: str) -> HttpResponse:
    """The editor of one field, in place or as a page of its own; sent, it says the new words."""
    viewer = person(request)
    found = dataset_for(viewer, name)
    require(viewer, Permission.DESCRIBE, found)
    field = request.GET.get("field", "description")
    editor = editor_of(found, field, request.GET.get("column", ""))
    initial = {"value": editor.text, "expected": editor.text}
    form = DescribeForm(
        request.POST or None, initial=initial, field=field, column=editor.column, prefix="words"
    )
    if request.method == "POST" and form.is_valid() and _said(request, form, found, viewer, editor):
        return _back(request, found, editor)
    context = {"dataset": found, "form": form, "editor": editor}
    template = (
        "portal/_describe.html" if getattr(request, "htmx", False) else "portal/describe.html"
    )
    return render(request, template, context, status=422 if form.errors else 200)


def _said(
    request: HttpRequest, form: DescribeForm, found: Dataset, viewer: Principal, editor: Editor
) -> bool:
    """Says it; a refusal is put beside the field, with what stands there now."""
    try:
        describing.describe(
            found,
            actor=viewer,
            field=editor.field,
            value=form.said,
            column=editor.column or None,
            expected=form.was,
            now=database_now(),
        )
    except EditedMeanwhile as error:
        form.add_error("value", f"{error.message} It now says: {as_text(error.current)}")
        form.data = {**form.data, form.add_prefix("expected"): as_text(error.current)}
        return False
    except Invalid as error:
        form.add_error("value", error.message)
        return False
    messages.success(request, "Saved. Your words stand, whatever the next import says.")
    return True


def _back(request: HttpRequest, found: Dataset, editor: Editor) -> HttpResponse:
    anchor = "#columns" if editor.column else "#about"
    page = resolve_url("dataset", name=found.name) + anchor
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = page
        response["HX-Refresh"] = "true"
        return response
    return redirect(page)


@require_POST
def release(request: HttpRequest, name: str) -> HttpResponse:
    """Lets go of what people said about a field, so that the next source shows."""
    viewer = person(request)
    found = dataset_for(viewer, name)
    field, column = request.POST.get("field", ""), request.POST.get("column") or None
    if describing.release(found, actor=viewer, field=field, column=column, now=database_now()):
        messages.success(request, "Let go. What the next source says is shown again.")
    return redirect("dataset", name=found.name)


def deprecate(request: HttpRequest, name: str) -> HttpResponse:
    """Warns people off a dataset, and names what to use instead."""
    viewer = person(request)
    found = dataset_for(viewer, name)
    require(viewer, Permission.DESCRIBE, found)
    form = DeprecateForm(request.POST or None, initial={"note": found.deprecation_note})
    if request.method == "POST" and form.is_valid():
        try:
            describing.deprecate(
                found,
                actor=viewer,
                note=form.cleaned_data["note"],
                successor=form.cleaned_data["successor"],
                now=database_now(),
            )
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"{found.label} is marked as deprecated.")
            return redirect("dataset", name=found.name)
    context = {"dataset": found, "form": form}
    return render(request, "portal/deprecate.html", context, status=422 if form.errors else 200)


@require_POST
def undeprecate(request: HttpRequest, name: str) -> HttpResponse:
    """Takes the warning back."""
    viewer = person(request)
    found = dataset_for(viewer, name)
    if describing.undeprecate(found, actor=viewer, now=database_now()):
        messages.success(request, f"{found.label} is no longer marked as deprecated.")
    return redirect("dataset", name=found.name)
