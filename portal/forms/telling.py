"""How somebody wants to be told, as they typed it, before the access room judges it."""

from datetime import time
from typing import Any

from django import forms

from access.delivering.hours import Hours
from access.delivering.preferences import Choice, Preferences, known_zones
from access.delivering.topics import TOPICS, Topic
from access.models import EndpointKind, How


class HoursForm(forms.Form):
    """The hour of the digest, the zone it counts in, and the quiet hours."""

    digest_hour = forms.TypedChoiceField(
        label="Digest at", coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)]
    )
    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    quiet_from = forms.TimeField(
        label="Quiet from",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label="Quiet until",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    @classmethod
    def of(cls, hours: Hours, data: Any = None) -> "HoursForm":
        """The form as these hours fill it in."""
        initial = {
            "digest_hour": hours.digest_hour,
            "zone": hours.zone.key,
            "quiet_from": hours.quiet_from,
            "quiet_until": hours.quiet_until,
        }
        return cls(data, initial=initial)

    @staticmethod
    def zones() -> list[str]:
        """Names on offer."""
        return known_zones()

    def clean(self) -> dict[str, Any]:
        """Quiet hours have both ends or none."""
        said = self.cleaned_data
        if (said.get("quiet_from") is None) != (said.get("quiet_until") is None):
            self.add_error("quiet_until", "Say both when it begins and when it ends, or neither.")
        return said

    @property
    def quiet(self) -> tuple[time, time] | None:
        """Both ends of the quiet hours."""
        start, end = self.cleaned_data["quiet_from"], self.cleaned_data["quiet_until"]
        return (start, end) if start is not None and end is not None else None


class TopicsForm(forms.Form):
    """One row for each topic: by mail how, and whether to webhooks of one's own."""

    def __init__(self, said: Preferences, data: Any = None) -> None:
        super().__init__(data)
        for topic in TOPICS.values():
            choice = said.choice(topic)
            self.fields[f"mail-{topic.name}"] = forms.ChoiceField(
                label=f"{topic.title}, by mail",
                choices=How.choices,
                initial=choice.mail.value,
                disabled=topic.is_urgent,
                widget=forms.Select(attrs={"class": "input"}),
            )
            self.fields[f"webhooks-{topic.name}"] = forms.BooleanField(
                label=f"{topic.title}, to your webhooks",
                initial=choice.to_webhooks,
                required=False,
            )

    @property
    def rows(self) -> list[tuple[Topic, forms.BoundField, forms.BoundField]]:
        """What the table shows."""
        return [
            (topic, self[f"mail-{name}"], self[f"webhooks-{name}"])
            for name, topic in TOPICS.items()
        ]

    def choices(self, said: Preferences, *, with_webhooks: bool) -> dict[str, Choice]:
        """What was chosen; the webhooks stay as they were where the page offered none."""
        clean = self.cleaned_data
        return {
            name: Choice(
                How(clean[f"mail-{name}"]),
                clean[f"webhooks-{name}"] if with_webhooks else said.choice(topic).to_webhooks,
            )
            for name, topic in TOPICS.items()
        }


class WebhookForm(forms.Form):
    """A webhook of one's own."""

    name = forms.CharField(label="Name", max_length=63)
    kind = forms.ChoiceField(label="Shape", choices=EndpointKind.choices)
    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="It is kept encrypted and never shown again.",
        widget=forms.TextInput(
            attrs={"type": "url", "autocomplete": "off", "placeholder": "https://"}
        ),
    )
