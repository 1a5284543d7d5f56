"""Asking back before deciding, and answering."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from access.asking import questions, requests
from access.clock import database_now
from access.errors import NotFound
from access.models import Question
from portal.forms.deciding import WordsForm
from portal.views.people import person


@require_POST
def ask_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whoever asked; the request waits for their answer."""
    viewer = person(request)
    found = requests.visible_to(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such request that you may know of.")
    form = WordsForm(request.POST)
    if form.is_valid():
        questions.ask_back(found, actor=viewer, text=form.cleaned_data["text"], now=database_now())
        messages.success(
            request, f"Asked. {found.requester} was told; it comes back with their answer."
        )
    else:
        messages.error(request, "Write a question.")
    return redirect(
        "inbox" if request.POST.get("from") == "inbox" else reverse("request", args=[pk])
    )


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer as whoever asked for the access."""
    viewer = person(request)
    known = requests.visible_to(viewer).values("pk")
    found = get_object_or_404(Question.objects.filter(request__in=known), pk=pk)
    form = WordsForm(request.POST)
    if form.is_valid():
        questions.answer(found, actor=viewer, text=form.cleaned_data["text"], now=database_now())
        messages.success(request, f"Answered. {found.asker} was told.")
    else:
        messages.error(request, "Write an answer.")
    return redirect(reverse("request", args=[found.request_id]))
