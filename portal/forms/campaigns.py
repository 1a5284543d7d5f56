"""The forms of a review of access: opening one, and one verdict on one or several grants."""

from datetime import timedelta

from django import forms
from django.db.models import QuerySet

from access.models import CampaignItem, Certification

RECOMMENDED = "recommended"


class CampaignForm(forms.Form):
    """What is reviewed, under which name, and how long reviewers have."""

    name = forms.CharField(max_length=120, label="Name", help_text="Its reviewers read it.")
    scope = forms.ChoiceField(label="What is reviewed")
    days = forms.TypedChoiceField(
        label="Time to decide",
        choices=[(7, "7 days"), (14, "14 days"), (30, "30 days")],
        coerce=int,
        initial=14,
    )

    def __init__(self, *args: object, scopes: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["scope"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = scopes

    @property
    def due_in(self) -> timedelta:
        """How long reviewers have."""
        return timedelta(days=self.cleaned_data["days"])


class VerdictForm(forms.Form):
    """One verdict on the chosen grants; `recommended` keeps whatever the evidence recommends to keep."""

    verdict = forms.ChoiceField(choices=[*Certification.choices, (RECOMMENDED, RECOMMENDED)])
    items = forms.ModelMultipleChoiceField(CampaignItem.objects.none(), required=False)
    reason = forms.CharField(max_length=2000, required=False)

    def __init__(self, *args: object, known: QuerySet[CampaignItem], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["items"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = known
