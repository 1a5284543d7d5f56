"""How access is decided: rules of approval, delegates, questions, emergencies; what is typed, before the access room judges it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from access.deciding.approval import ROLES, AutoRule, Said, Stage
from access.errors import AccessError
from access.models import BREAK_GLASS_LONGEST, Principal, Team
from access.people.principals import parse_holder
from access.spans import parse_span, write_span
from catalog.models import Column

NAMES_HELP = "Names of people or teams, with commas between them."


def _words(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _label(name: str) -> str:
    """`user:olga` or `team:privacy` for what somebody typed; a bare name is a person if there is one, else a team."""
    if ":" in name:
        return name
    if Principal.objects.filter(username=name, kind="person").exists():
        return f"user:{name}"
    return parse_holder(f"team:{name}").label


def _labels(text: str) -> tuple[str, ...]:
    try:
        return tuple(_label(name) for name in _words(text))
    except AccessError as error:
        raise forms.ValidationError(error.message) from None


def _bare(labels: tuple[str, ...] | None) -> str:
    return ", ".join(label.removeprefix("user:").removeprefix("team:") for label in labels or ())


def _clean_span(text: str) -> timedelta | None:
    try:
        return parse_span(text) if text else None
    except ValueError as error:
        raise forms.ValidationError(f"Write a span, as 30d: {error}.") from None


class StageForm(forms.Form):
    """One stage: who decides in it, and how many of them."""

    by = forms.CharField(
        label="Who decides",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"list": "deciders", "autocomplete": "off"}),
    )
    approvals = forms.IntegerField(
        label="How many agree", required=False, min_value=1, max_value=10
    )

    def clean_by(self) -> tuple[str, ...]:
        """Roles as they are, and labels of people and teams."""
        names = _words(self.cleaned_data["by"])
        return tuple(
            name if name in ROLES else label
            for name in names
            for label in ([name] if name in ROLES else _labels(name))
        )


class RuleForm(forms.Form):
    """One rule that grants at once."""

    team = forms.ChoiceField(label="Members of", required=False)
    longest = forms.CharField(label="For at most", required=False, max_length=20)
    columns = forms.CharField(
        label="See these columns", required=False, max_length=4000, widget=forms.TextInput
    )
    except_tags = forms.CharField(label="But none tagged", required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        assert isinstance(field, forms.ChoiceField)
        teams = Team.objects.order_by("name").values_list("name", flat=True)
        field.choices = [("", "No rule"), *((name, name) for name in teams)]
        self.fields["columns"].widget.attrs["placeholder"] = "all of them"
        self.fields["longest"].widget.attrs["placeholder"] = "30d"

    def clean_longest(self) -> timedelta | None:
        """A span."""
        return _clean_span(self.cleaned_data["longest"])


Stages = formset_factory(StageForm, extra=0)
AtOnce = formset_factory(RuleForm, extra=0)
N_STAGES, N_SPARE_RULES = 3, 1


class RulesForm(forms.Form):
    """What a place says about deciding, its stages and rules aside; of a dataset its terms of use too."""

    longest = forms.CharField(
        label="Longest access",
        required=False,
        max_length=20,
        help_text="A span, as 90d. Nobody is given more at once.",
    )
    no_rules = forms.BooleanField(
        label="Grant nothing at once here",
        help_text="Whatever is said elsewhere.",
        required=False,
    )
    responders = forms.CharField(
        label="Who may break glass",
        required=False,
        max_length=2000,
        help_text=f"{NAMES_HELP} They take access for four hours at most; everybody here is told, and somebody else "
        "reviews what they read. You cannot list yourself.",
    )
    no_responders = forms.BooleanField(
        label="Nobody breaks glass here",
        help_text="Whatever is said elsewhere.",
        required=False,
    )
    terms = forms.CharField(
        label="Terms of use",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Everybody accepts them before asking. A changed text is a new version, and is accepted anew.",
    )

    def clean_longest(self) -> timedelta | None:
        """A span."""
        return _clean_span(self.cleaned_data["longest"])

    def clean_responders(self) -> tuple[str, ...]:
        """Labels of people and teams."""
        return _labels(self.cleaned_data["responders"])


class Ruling:
    """The whole form: the words of one place, its stages and its rules, bound together; `terms` None where it has none."""

    def __init__(self, data: Any, said: Said, terms: str | None) -> None:
        self.form = RulesForm(data, initial=_initial(said, terms or ""))
        if terms is None:
            del self.form.fields["terms"]
        self.stages: BaseFormSet[StageForm] = Stages(data, prefix="stage", initial=_stages(said))
        self.at_once: BaseFormSet[RuleForm] = AtOnce(data, prefix="rule", initial=_rules(said))

    def is_valid(self) -> bool:
        """Whether all three parts are."""
        return all([self.form.is_valid(), self.stages.is_valid(), self.at_once.is_valid()])

    @property
    def said(self) -> Said:
        """What was typed, for the access room to judge."""
        stages = tuple(
            Stage(each["by"], each["approvals"] or 1)
            for each in self.stages.cleaned_data
            if each.get("by")
        )
        rules = tuple(_rule(each) for each in self.at_once.cleaned_data if each.get("team"))
        clean = self.form.cleaned_data
        return Said(
            stages=stages or None,
            longest=clean["longest"],
            auto_approve=() if clean["no_rules"] else rules or None,
            responders=() if clean["no_responders"] else clean["responders"] or None,
        )


def _initial(said: Said, terms: str) -> dict[str, Any]:
    return {
        "longest": write_span(said.longest) if said.longest else "",
        "no_rules": said.auto_approve == (),
        "responders": _bare(said.responders),
        "no_responders": said.responders == (),
        "terms": terms,
    }


def _stages(said: Said) -> list[dict[str, Any]]:
    known = [{"by": _bare(stage.by), "approvals": stage.approvals} for stage in said.stages or ()]
    return known + [{"approvals": 1} for _ in range(N_STAGES - len(known))]


def _rules(said: Said) -> list[dict[str, Any]]:
    known = [
        {
            "team": rule.team,
            "columns": ", ".join(rule.columns or ()),
            "except_tags": ", ".join(rule.except_tags),
            "longest": write_span(rule.longest) if rule.longest else "",
        }
        for rule in said.auto_approve or ()
    ]
    return known + [{} for _ in range(N_SPARE_RULES)]


def _rule(each: dict[str, Any]) -> AutoRule:
    columns = _words(each["columns"])
    return AutoRule(
        team=each["team"],
        columns=tuple(columns) if columns else None,
        longest=each["longest"],
        except_tags=tuple(_words(each["except_tags"])),
    )


class DelegationForm(forms.Form):
    """Who decides in my place, and for which days."""

    delegate = forms.CharField(
        label="Who decides for you?",
        max_length=150,
        help_text="Their user name.",
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
    )
    first = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(label="Until the end of", widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label="A word to them", required=False, max_length=300)

    def clean_delegate(self) -> Principal:
        """The person."""
        name = self.cleaned_data["delegate"].removeprefix("user:")
        found = Principal.objects.filter(username=name, kind="person", is_active=True).first()
        if found is None:
            raise forms.ValidationError(f"There is nobody called {name} here.")
        return found

    @property
    def span(self) -> tuple[datetime | None, datetime]:
        """The moments they stand for, in UTC; a last day counts to its end."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        starts = datetime.combine(first, time(), UTC) if first else None
        return starts, datetime.combine(last, time(), UTC) + timedelta(days=1)


class WordsForm(forms.Form):
    """A question, or its answer."""

    text = forms.CharField(max_length=2000, error_messages={"required": "Write a sentence."})


class EmergencyForm(forms.Form):
    """What is needed at once, and why."""

    reason = forms.CharField(
        label="What is the emergency?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
        help_text="Everybody who answers for the data reads this now.",
    )
    hours = forms.TypedChoiceField(
        label="For how long?",
        coerce=int,
        choices=[(n, f"{n} hour{'s'[: n != 1]}") for n in (1, 2, 4)],
        initial=1,
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(label="Which columns?", widget=forms.CheckboxSelectMultiple)
    unmasked = forms.MultipleChoiceField(
        label="Which of these in the clear?", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, columns: list[Column], masked: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [column.name for column in columns]
        for name, offered in (("columns", self.names), ("unmasked", masked)):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [(each, each) for each in offered]
        if not masked:
            del self.fields["unmasked"]

    @property
    def duration(self) -> timedelta:
        """The chosen length of time."""
        return min(timedelta(hours=self.cleaned_data["hours"]), BREAK_GLASS_LONGEST)

    @property
    def asked_columns(self) -> list[str] | None:
        """The ticked columns; None when all are."""
        ticked: list[str] = self.cleaned_data["columns"]
        return None if len(ticked) == len(self.names) else ticked


class ReviewForm(forms.Form):
    """What a reviewer found."""

    is_justified = forms.TypedChoiceField(
        label="Was it justified?",
        coerce=lambda value: value == "yes",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="What did you look at, and what do you think of it?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The responder reads this.",
    )


class BulkForm(forms.Form):
    """One verdict on several requests; nothing is narrowed."""

    verdict = forms.ChoiceField(choices=[("approve", "Approve"), ("deny", "Deny")])
    reason = forms.CharField(required=False, max_length=2000)
    requests = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, *args: Any, offered: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["requests"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(pk, str(pk)) for pk in offered]
