"""The page before the portal: honest about waiting, gone when the portal is ready."""

from pathlib import Path
from typing import Any

from portal.embedded import progress
from portal.embedded.progress import Progress
from portal.home import Home
from portal.starting import Starting


def ask(application: Starting, path: str = "/") -> tuple[str, bytes]:
    said: list[str] = []

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        said.append(status)

    body = b"".join(application({"PATH_INFO": path}, start))
    return said[0], body


def portal(environ: dict[str, Any], start: Any) -> list[bytes]:
    start("200 OK", [])
    return [b"the portal"]


def test_the_page_waits_shows_how_far_it_is_and_makes_way(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.make()
    application = Starting(portal, progress.note(home))
    progress.tell(home, Progress("Loading <orders>", done=3, total=4))

    status, body = ask(application)
    assert status.startswith("503")
    assert b"Loading &lt;orders&gt;" in body
    assert b'value="3" max="4"' in body

    progress.finish(home)
    assert ask(application) == ("200 OK", b"the portal")


def test_the_supervisor_may_ask_for_life_before_readiness(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.make()
    progress.tell(home, Progress("Starting"))

    assert ask(Starting(portal, progress.note(home)), "/healthz") == ("200 OK", b"the portal")
