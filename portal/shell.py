"""What surrounds every page: the places of the navigation, what waits for this person, the appearance they chose.

A context processor hands it to the templates. Nothing is counted unless a page shows the navigation.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from access import notices
from access.models import Principal
from portal.pages.calls import Snippet, call_of_page
from portal.waiting import Waiting, waiting

THEME_COOKIE = "gatehouse_theme"
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Place:
    """One line of the navigation; `count` is what waits there."""

    label: str
    url: str
    icon: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True)
class Group:
    """Places that belong together under a title."""

    title: str
    places: tuple[Place, ...]


class Shell:
    """The navigation and appearance of one request; each part is worked out when a template first asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def theme(self) -> str:
        """`light`, `dark`, or empty for what the system prefers."""
        chosen = self._request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @property
    def is_demo(self) -> bool:
        """Whether this portal is a demonstration."""
        return not settings.IS_PRODUCTION

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The navigation for whoever is signed in; empty for a stranger.

        Cost: two queries; more where something happened since, see `waiting`.
        """
        person = getattr(self._request, "user", None)
        if not isinstance(person, Principal):
            return ()
        found = waiting(person)
        groups = (
            Group("Data", self._data_places()),
            Group("Access", self._access_places(found)),
            Group("Oversight", self._oversight_places(person, found)),
        )
        return tuple(group for group in groups if group.places)

    @cached_property
    def n_unread(self) -> int:
        """How many notices this person has not read. Cost: one query."""
        person = getattr(self._request, "user", None)
        return notices.n_unread(person) if isinstance(person, Principal) else 0

    @property
    def places(self) -> list[Place]:
        """Every place in one list, for the palette."""
        return [place for group in self.groups for place in group.places]

    @property
    def call(self) -> Snippet | None:
        """The call that answers what this page shows, where the API has one."""
        match = self._request.resolver_match
        if match is None or match.url_name is None or not self.groups:
            return None
        address = self._request.build_absolute_uri("/").rstrip("/")
        return call_of_page(match.url_name, match.kwargs, self._request.GET.dict(), address)

    def _data_places(self) -> tuple[Place, ...]:
        return (
            self._place("Home", "home", "home"),
            self._place("Search", "search", "search"),
            self._place("Dashboards", "dashboards", "dashboard"),
            self._place("Workbench", "workbench", "workbench"),
        )

    def _access_places(self, found: Waiting) -> tuple[Place, ...]:
        places = [
            self._place("My access", "my-access", "key"),
            self._place("Inbox", "inbox", "inbox", count=found.n_requests),
            self._place("Notices", "notices", "bell", count=self.n_unread),
        ]
        if found.is_steward:
            places.append(self._place("Access to my data", "my-data", "shield"))
        if found.has_reviews:
            places.append(self._place("Reviews", "reviews", "check", count=found.n_certifications))
        return tuple(places)

    def _oversight_places(self, person: Principal, found: Waiting) -> tuple[Place, ...]:
        places = []
        if found.is_steward or person.is_administrator:
            places.append(self._place("Audit", "audit", "audit"))
        if person.is_administrator:
            places.append(self._place("Deliveries", "deliveries", "send"))
        if found.has_native_access:
            places.append(self._place("Native access", "native", "link"))
        if self.is_demo:
            places.append(self._place("Style", "style", "palette"))
        return tuple(places)

    def _place(self, label: str, name: str, icon: str, count: int = 0) -> Place:
        url = reverse(name)
        path = self._request.path
        is_current = path == url if url == "/" else path.startswith(url)
        return Place(label, url, icon, is_current, count)


def shell(request: HttpRequest) -> dict[str, Shell]:
    """The context processor: `shell` in every template."""
    return {"shell": Shell(request)}
