"""Reviews of access: what is open and past, one review as a list decided by keyboard, and its record."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from access import campaigns
from access.campaigns.evidence import WORDS
from access.clock import database_now
from access.errors import AccessError, NotAllowed
from access.models import Campaign, CampaignItem, Certification, Principal
from access.words import counted
from portal.api.campaigns import as_csv, record_of
from portal.forms.campaigns import RECOMMENDED, CampaignForm, VerdictForm
from portal.views.people import person

PAGE = 500
SHORTCUTS = [
    ("j k", "Next, previous grant"),
    ("a", "Keep"),
    ("n", "Narrow: take out the columns nobody uses"),
    ("d", "Revoke"),
    ("x", "Choose, for one verdict on several"),
    ("u", "Take the last verdict back"),
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
            messages.success(request, f"Opened. {counted(made.n_items, 'grant')} wait for a word.")
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
    """The grants of one review, undecided ones first, the most urgent of them at the top."""
    viewer = person(request)
    campaign = campaigns.campaign_for(viewer, pk)
    waiting = campaigns.waiting_for(viewer, campaign)
    found = list(waiting[: PAGE + 1])
    settled = campaigns.items_of(campaign, viewer).exclude(verdict="", moot_at=None)
    oversees = campaigns.oversees(viewer, campaign)
    context = {
        "campaign": campaign,
        "waiting": found[:PAGE],
        "n_more": waiting.count() - PAGE if len(found) > PAGE else 0,
        "n_recommended": waiting.filter(recommended=Certification.KEEP).count(),
        "settled": settled.order_by("-decided_at", "pk")[:PAGE],
        "last": campaigns.last_of(campaign, viewer, database_now()),
        "reviewers": campaigns.reviewers_of(campaign) if oversees else [],
        "shortcuts": SHORTCUTS,
        **_standing(campaign),
    }
    return render(request, "portal/review.html", context)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One verdict on the chosen grants; a script gets their rows back, everybody else the page."""
    viewer = person(request)
    campaign = campaigns.campaign_for(viewer, pk)
    waiting = campaigns.waiting_for(viewer, campaign)
    form = VerdictForm(request.POST, offered=list(waiting.values_list("pk", flat=True)))
    if not form.is_valid():
        return _said(
            request, campaign, [], ["Choose grants that still wait for you, and a verdict."]
        )
    said = form.cleaned_data
    if said["verdict"] == RECOMMENDED:
        chosen, verdict = waiting.filter(recommended=Certification.KEEP), Certification.KEEP
    else:
        chosen, verdict = waiting.filter(pk__in=said["items"]), Certification(said["verdict"])
    done, problems = campaigns.certify_several(
        chosen, actor=viewer, verdict=verdict, reason=said["reason"], now=database_now()
    )
    return _said(request, campaign, done, problems)


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the last verdict, while it can still be undone."""
    viewer = person(request)
    campaign = campaigns.campaign_for(viewer, pk)
    now = database_now()
    last = campaigns.last_of(campaign, viewer, now)
    if last is None:
        messages.error(request, "There is nothing that can still be taken back.")
    else:
        try:
            campaigns.take_back(last, actor=viewer, now=now)
        except AccessError as error:
            messages.error(request, error.message)
        else:
            messages.success(
                request, f"Taken back: {last.grant.holder}, {last.grant.dataset.label}."
            )
    return redirect("review", pk=pk)


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
    request: HttpRequest, campaign: Campaign, done: list[CampaignItem], problems: list[str]
) -> HttpResponse:
    if request.headers.get("HX-Request"):
        context = {"campaign": campaign, "done": done, "problems": problems, **_standing(campaign)}
        return render(request, "portal/_reviewed.html", context)
    for words in problems:
        messages.error(request, words)
    if done:
        messages.success(request, f"Decided {counted(len(done), 'grant')}.")
    return redirect("review", pk=campaign.pk)


def _standing(campaign: Campaign) -> dict[str, object]:
    rows = CampaignItem.objects.filter(campaign=campaign)
    return {"progress": campaigns.progress_of(rows), "finding_words": WORDS}
