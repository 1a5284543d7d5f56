"""What people write about a dataset: its words, and the warning that it is going away."""

from typing import Any

from django import forms

_LONG = {"title": False, "description": True, "tags": False}
_LABELS = {"title": "Title", "description": "Description", "tags": "Tags"}
_HELP = {
    "title": "What people call it, in two or three words.",
    "description": "Markdown. Begin with one sentence that says what one row is and what it is good for.",
    "tags": "Separated by commas.",
}
_COLUMN_HELP = "What a value means, its unit, and what an empty one says."


class DescribeForm(forms.Form):
    """One field of a dataset or of a column. `expected` is what stood there when the person began to write."""

    value = forms.CharField(required=False, max_length=50_000)
    expected = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, field: str, column: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        value = self.fields["value"]
        value.label = f"{_LABELS[field]} of {column}" if column else _LABELS[field]
        value.help_text = _COLUMN_HELP if column and field == "description" else _HELP[field]
        if _LONG[field]:
            value.widget = forms.Textarea(attrs={"rows": 4 if column else 12, "autofocus": True})
        else:
            value.widget.attrs["autofocus"] = True
        self._is_list = field == "tags"

    @property
    def said(self) -> Any:
        """The value as `access.describing` takes it."""
        return self._read(self.cleaned_data["value"])

    @property
    def was(self) -> Any:
        """What the person saw before writing."""
        return self._read(self.cleaned_data["expected"])

    def _read(self, text: str) -> Any:
        if not self._is_list:
            return text
        return [word for word in (part.strip() for part in text.split(",")) if word]


class DeprecateForm(forms.Form):
    """Why people should move away, and where to."""

    note = forms.CharField(
        label="Why, and what people should do",
        help_text="Everybody who opens the dataset reads this.",
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        max_length=2_000,
    )
    successor = forms.CharField(
        label="Use instead",
        help_text="The full name of another dataset, as warehouse.schema.table.",
        required=False,
        max_length=600,
    )
