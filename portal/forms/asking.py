"""Asking for access, asking for longer, deciding: what is typed, before the access room judges it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms

from access.models import Principal, Team, TermsOfUse
from access.spans import parse_span, write_span
from catalog.models import Column

SPANS = ("7d", "30d", "90d", "180d", "365d")
USUAL = "30d"
WORDS = {"7d": "1 week", "30d": "30 days", "90d": "3 months", "180d": "6 months", "365d": "1 year"}


def spans_up_to(longest: timedelta | None) -> list[tuple[str, str]]:
    """The lengths of time on offer: the usual ones that fit, and the longest allowed."""
    fitting = [each for each in SPANS if longest is None or parse_span(each) <= longest]
    if longest is not None and write_span(longest) not in fitting and len(fitting) < len(SPANS):
        fitting.append(write_span(longest))
    return [(each, WORDS.get(each, words_of(each))) for each in fitting]


def words_of(span: str) -> str:
    """`45d` in words."""
    days = parse_span(span).days
    return f"{days} day{'s'[: days != 1]}" if days else span


class RequestForm(forms.Form):
    """Purpose, duration and columns; in the clear only where somebody asks for it; for whom."""

    purpose = forms.CharField(
        label="What will you use it for?",
        help_text="One sentence that whoever decides can agree with.",
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
        max_length=2000,
    )
    duration = forms.ChoiceField(label="For how long?", widget=forms.RadioSelect)
    columns = forms.MultipleChoiceField(
        label="Which columns?", widget=forms.CheckboxSelectMultiple, required=True
    )
    unmasked = forms.MultipleChoiceField(
        label="Which of these in the clear?",
        help_text="These are masked for everyone who does not need them plainly.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    holder = forms.ChoiceField(label="For whom?")
    starts_on = forms.DateField(
        label="Starting on",
        help_text="Left empty, it starts as soon as it is approved.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    terms = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Accept the terms of use, or do not ask for this data."},
    )
    origin = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(
        self,
        *args: Any,
        columns: Sequence[Column],
        masked: Sequence[str],
        longest: timedelta | None,
        holders: Sequence[Principal | Team],
        terms: TermsOfUse | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        every = [(column.name, column.name) for column in columns]
        self.all_columns = [name for name, _ in every]
        self.holders = {holder.label: holder for holder in holders}
        self._choices("columns", every)
        self._choices("unmasked", [(name, name) for name in masked])
        self._choices("duration", spans_up_to(longest))
        self._choices(
            "holder",
            [(holder.label, _words(holder, index)) for index, holder in enumerate(holders)],
        )
        offered = [value for value, _ in spans_up_to(longest)]
        self.fields["duration"].initial = USUAL if USUAL in offered else offered[-1]
        if not masked:
            del self.fields["unmasked"]
        if len(holders) < 2:
            del self.fields["holder"]
        if terms is None:
            del self.fields["terms"]
        else:
            self.fields["terms"].label = f"Terms of use (version {terms.version})"
            self._choices("terms", [(str(terms.version), "I have read and accept them.")])

    def clean_terms(self) -> int:
        """The version that was ticked."""
        versions: list[int] = self.cleaned_data["terms"]
        return versions[0]

    @property
    def asked_start(self) -> datetime | None:
        """The beginning of the chosen day in UTC; nothing for today."""
        day: date | None = self.cleaned_data["starts_on"]
        if day is None or day == datetime.now(UTC).date():
            return None
        return datetime.combine(day, time(), UTC)

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def chosen_holder(self) -> Principal | Team | None:
        """Whom it is for as chosen so far; None where nothing else than oneself is."""
        if "holder" not in self.fields:
            return None
        return self.holders.get(str(self["holder"].value() or ""))

    @property
    def asked_columns(self) -> list[str] | None:
        """The ticked columns; None when all are, so that the grant says `all` and not today's list of names."""
        ticked: list[str] = self.cleaned_data["columns"]
        return None if len(ticked) == len(self.all_columns) else ticked

    @property
    def asked_duration(self) -> timedelta:
        """The chosen length of time."""
        return parse_span(self.cleaned_data["duration"])


def _words(holder: Principal | Team, index: int) -> str:
    if isinstance(holder, Team):
        return f"Everyone in {holder.name}"
    return "Me" if index == 0 else f"The service account {holder.username}"


class DecisionForm(forms.Form):
    """A verdict on one request; what is narrowed here can only get less."""

    verdict = forms.ChoiceField(choices=[("approve", "Approve"), ("deny", "Deny")])
    reason = forms.CharField(required=False, max_length=2000)
    duration = forms.CharField(required=False, max_length=20)
    columns = forms.MultipleChoiceField(required=False)
    unmasked = forms.MultipleChoiceField(required=False)
    rows = forms.CharField(required=False, max_length=4000)
    narrowed = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, columns: Sequence[str], unmasked: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in (("columns", columns), ("unmasked", unmasked)):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [(each, each) for each in offered]

    def clean_duration(self) -> timedelta | None:
        """The shorter time, if one was given."""
        text = self.cleaned_data["duration"]
        try:
            return parse_span(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class RenewalForm(forms.Form):
    """How much longer, and why still."""

    duration = forms.CharField(max_length=20, initial=USUAL)
    purpose = forms.CharField(max_length=2000, required=False)

    def clean_duration(self) -> timedelta:
        """The chosen length of time."""
        try:
            return parse_span(self.cleaned_data["duration"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class ReasonForm(forms.Form):
    """Why somebody's access ends."""

    reason = forms.CharField(
        max_length=2000, error_messages={"required": "Say why; the person will read it."}
    )
