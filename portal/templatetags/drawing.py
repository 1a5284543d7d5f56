"""Small marks drawn by the server: icons, bars and sparklines. SVG attributes carry sizes, so no style is inline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from access.grants.summary import SOON
from portal.charts import sparkline as charts

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A decorative icon from the sprite: `{% icon "check" %}`, `{% icon "check" "small" %}`. The words stand beside it."""
    extra = f" icon--{size}" if size else ""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        extra,
        static("portal/img/icons.svg"),
        name,
    )


@register.inclusion_tag("portal/components/_sparkline.html")
def sparkline(values: Sequence[float], label: str = "", size: str = "") -> dict[str, Any]:
    """A trend without axes: `{% sparkline values "Orders a day" %}`; draws nothing for fewer than two values."""
    return {"spark": charts.sparkline(list(values or ()), label), "size": size}


@register.inclusion_tag("portal/components/_bar.html")
def bar(part: float, whole: float, label: str = "") -> dict[str, Any]:
    """A share as a bar: `{% bar 14 18 "columns used of columns granted" %}`."""
    share = min(max(part / whole, 0.0), 1.0) if whole else 0.0
    return {"percent": round(share * 100, 1), "part": part, "whole": whole, "label": label}


@register.inclusion_tag("portal/components/_expiry.html")
def expiry(starts_at: datetime, expires_at: datetime, note: str = "") -> dict[str, Any]:
    """How much of a grant's time is left, drawn and in words: `{% expiry grant.starts_at grant.expires_at %}`."""
    now = timezone.now()
    total = (expires_at - starts_at).total_seconds()
    left = min(max((expires_at - max(now, starts_at)).total_seconds() / total, 0.0), 1.0)
    pace = "over" if left == 0 else "soon" if expires_at - now <= SOON else ""
    return {"percent": round(left * 100, 1), "pace": pace, "expires_at": expires_at, "note": note}
