"""The forms of the review: exempting a grant, and asking who could read what."""

from datetime import timedelta

from django import forms

from access.spans import parse_span


class ExemptionForm(forms.Form):
    """For how long a grant may go unused, and why."""

    duration = forms.CharField(max_length=20, initial="90d")
    reason = forms.CharField(max_length=2000)

    def clean_duration(self) -> timedelta:
        """The chosen length of time."""
        try:
            return parse_span(self.cleaned_data["duration"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class ReadersForm(forms.Form):
    """A dataset or column, and a day."""

    subject = forms.CharField(max_length=900, label="Dataset or column")
    on = forms.DateField(required=False, label="On")
