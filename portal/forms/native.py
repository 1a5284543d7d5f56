"""How native access to a warehouse works, as somebody typed it."""

from typing import Any

from django import forms

from access.models import NativeAccess


class NativeForm(forms.Form):
    """What is done about drift, and what people are told about the way to the server."""

    takes_back = forms.BooleanField(
        label="Take back what others give",
        required=False,
        help_text="Privileges and memberships that somebody gave to these roles outside of the portal are removed. "
        "Otherwise they are only reported.",
    )
    host = forms.CharField(
        label="Host",
        required=False,
        max_length=255,
        help_text="What people’s tools connect to, where that differs from the portal’s own way there.",
    )
    port = forms.IntegerField(label="Port", required=False, min_value=1, max_value=65_535)

    @classmethod
    def of(cls, access: NativeAccess | None, data: Any = None) -> "NativeForm":
        """The form as it stands now."""
        prefix = f"w{access.warehouse_id}" if access else None
        initial = (
            {"takes_back": access.takes_back, "host": access.host, "port": access.port}
            if access
            else {}
        )
        return cls(data, initial=initial, prefix=prefix)

    def said(self) -> dict[str, Any]:
        """What was said, as the access room takes it."""
        clean = self.cleaned_data
        return {"takes_back": clean["takes_back"], "host": clean["host"], "port": clean["port"]}
