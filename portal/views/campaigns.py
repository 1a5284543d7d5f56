"""Reviews of access: what is open and past, one review as a list decided by keyboard, and its record."""

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from access import campaigns
from access.clock import database_now
from access.errors import AccessError, NotAllowed
from access.models import Campaign, CampaignItem, Certification, Principal
from access.words import counted
from portal.api.campaigns import as_csv, record_of
from portal.forms.campaigns import RECOMMENDED, CampaignForm, VerdictForm
from portal.views.people import person

PAGE = 100
SETTLED = 50
DIGITS = 19
SHORTCUTS = [
    ("j k", "Next, previous grant"),
    ("a", "Keep"),
    ("n", "Narrow: take out the columns nobody uses"),
    ("d", "Revoke"),
    ("x", "Choose; the next verdict is on all you have chosen"),
    ("z", "Take the last verdict back"),
]


def listing(request: HttpRequest) -> HttpResponse:
    """Open and past reviews, each with how far it is."""
    viewer = person(request)
    found = list(campaigns.visible_to(viewer)[:100])
    rows = CampaignItem.objects.filter(campaign__in=[each.pk for each in found])
    progress = campaigns.progress_by_campaign(rows)
    context = {
        "open": [_shown(each, progress) for each in found if each.closed_at is None],
        "past": [_shown(each, progress) for each in found if each.closed_at is not None],
        "may_open": bool(campaigns.scopes_for(viewer)),
    }
    return render(request, "portal/reviews.html", context)


def _shown(campaign: Campaign, progress: dict[int, campaigns.Progress]) -> dict[str, object]:
    return {"campaign": campaign, "progress": progress[campaign.pk]}


def new(request: HttpRequest) -> HttpResponse:
    """The form that opens a review, and its submission."""
    viewer = person(request)
    scopes = campaigns.scopes_for(viewer)
    if not scopes:
        raise NotAllowed("Stewards open reviews of the data they decide about, administrators all.")
    form = CampaignForm(request.POST or None, scopes=scopes)
    if request.method == "POST" and form.is_valid():
        made = _opened(form, viewer)
        if made is not None:
            messages.success(
                request, f"Opened, with {counted(made.n_items, 'grant')}. Its reviewers are told."
            )
            return redirect("review", pk=made.pk)
    status = 422 if form.errors else 200
    return render(request, "portal/review_new.html", {"form": form}, status=status)


def _opened(form: CampaignForm, viewer: Principal) -> Campaign | None:
    now, said = database_now(), form.cleaned_data
    try:
        return campaigns.open_campaign(
            said["name"], said["scope"], actor=viewer, due_at=now + form.due_in, now=now
        )
    except AccessError as error:
        field = str(getattr(error, "field", "") or "")
        form.add_error(field if field in form.fields else None, error.message)
        return None


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The grants of one review, undecided ones first, the most urgent of them at the top, a page at a time.

    A script gets only the rows that follow those it has.
    """
    viewer = person(request)
    campaign = campaigns.campaign_for(viewer, pk)
    waiting = campaigns.waiting_for(viewer, campaign)
    context = {"campaign": campaign, **_page(request, waiting)}
    if request.headers.get("HX-Request"):
        return render(request, "portal/_review_rows.html", context)
    settled = campaigns.settled_for(viewer, campaign)
    oversees = campaigns.oversees(viewer, campaign)
    context |= {
        "suggested": campaigns.suggested(waiting),
        "settled": settled.order_by(F("decided_at").desc(nulls_last=True), "pk")[:SETTLED],
        "n_unshown": max(settled.count() - SETTLED, 0),
        "rest": _rest(oversees and campaign.closed_at is None),
        "reviewers": campaigns.reviewers_of(campaign) if oversees else [],
        "shortcuts": SHORTCUTS,
        **_standing(viewer, campaign),
    }
    return render(request, "portal/review.html", context)


def _rest(is_watched: bool) -> str:
    """What to say to somebody for whom nothing waits."""
    if is_watched:
        return "What is still open waits for the reviewers below."
    return "Everything you have a say in is settled."


def _page(request: HttpRequest, waiting: QuerySet[CampaignItem]) -> dict[str, object]:
    after = request.GET.get("after", "")
    is_continued = after.isdecimal() and len(after) < DIGITS
    rows = campaigns.following(waiting, int(after)) if is_continued else waiting
    found = list(rows[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    return {"waiting": found[:PAGE], "more": more, "is_continued": is_continued}


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One verdict on the chosen grants, or on the one named in the address; a script gets their rows back."""
    viewer = person(request)
    campaign = campaigns.campaign_for(viewer, pk)
    known = campaigns.items_of(campaign, viewer)
    data = request.POST.copy()
    if "item" in request.GET:
        data.setlist("items", request.GET.getlist("item"))
    form = VerdictForm(data, known=known)
    if not form.is_valid():
        return _said(request, campaign, [], ["Choose grants of this review, and a verdict."])
    said = form.cleaned_data
    chosen, verdict = said["items"], said["verdict"]
    if verdict == RECOMMENDED:
        waiting = campaigns.waiting_for(viewer, campaign)
        chosen, verdict = waiting.filter(recommended=Certification.KEEP), Certification.KEEP
    keys = [item.pk for item in chosen]
    done, problems = campaigns.certify_several(
        chosen,
        actor=viewer,
        verdict=Certification(verdict),
        reason=said["reason"],
        now=database_now(),
    )
    if not keys:
        problems = ["Choose the grants that you mean first."]
    words = f"Decided {counted(len(done), 'grant')}." if done else ""
    return _said(request, campaign, keys, problems, words)


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the last verdict, while it can still be undone."""
    viewer = person(request)
    campaign = campaigns.campaign_for(viewer, pk)
    now = database_now()
    last = campaigns.last_of(campaign, viewer, now)
    if last is None:
        return _said(request, campaign, [], ["There is nothing that can still be taken back."])
    try:
        campaigns.take_back(last, actor=viewer, now=now)
    except AccessError as error:
        return _said(request, campaign, [last.pk], [error.message])
    words = f"Taken back: {last.grant.holder}, {last.grant.dataset.label}."
    return _said(request, campaign, [last.pk], [], words)


def export(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The record, as `csv` or `json`."""
    viewer = person(request)
    campaign = campaigns.campaign_for(viewer, pk)
    headers = {"Content-Disposition": f'attachment; filename="review-{pk}.{form}"'}
    if form == "json":
        return JsonResponse(record_of(viewer, campaign), headers=headers)
    rows = campaigns.rows_of(campaigns.items_of(campaign, viewer))
    return HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)


def _said(
    request: HttpRequest, campaign: Campaign, keys: list[int], problems: list[str], words: str = ""
) -> HttpResponse:
    """What came of it: for a script the rows as they stand now, for everybody else the page."""
    if request.headers.get("HX-Request"):
        viewer = person(request)
        items = campaigns.items_of(campaign, viewer).filter(pk__in=keys)
        waiting = campaigns.waiting_for(viewer, campaign).filter(pk__in=keys)
        context = {
            "campaign": campaign,
            "items": items,
            "open": set(waiting.values_list("pk", flat=True)),
            "problems": problems,
        }
        return render(request, "portal/_reviewed.html", context | _standing(viewer, campaign))
    for each in problems:
        messages.error(request, each)
    if words:
        messages.success(request, words)
    return redirect("review", pk=campaign.pk)


def _standing(viewer: Principal, campaign: Campaign) -> dict[str, object]:
    rows = CampaignItem.objects.filter(campaign=campaign)
    return {
        "progress": campaigns.progress_of(rows),
        "last": campaigns.last_of(campaign, viewer, database_now()),
    }
