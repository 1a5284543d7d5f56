"""The page people see while the portal makes its database and loads its data.

It stands before Django, because Django's pages need the tables that are only being made. It answers 503 with
Retry-After, so that scripts know to wait, and reloads itself for people. /healthz passes: the process is alive.
"""

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any

from portal.embedded.progress import Progress, read

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Gatehouse is starting</title>
<meta http-equiv="refresh" content="1"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"></head>
<body><main><h1>Gatehouse is starting</h1>
<p>{text}</p>{bar}
<p>This page reloads by itself and becomes the portal when it is ready.</p></main></body>
</html>
"""


class Starting:
    """A WSGI application that answers for another one for as long as the note of progress exists."""

    def __init__(self, application: Application, note: Path) -> None:
        self.application = application
        self.note = note
        self._is_over = False

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if not self._is_over and environ.get("PATH_INFO") != "/healthz":
            progress = read(self.note)
            if progress is not None:
                return _page(progress, start_response)
            self._is_over = True
        return self.application(environ, start_response)


def _page(progress: Progress, start_response: Callable[..., Any]) -> Iterable[bytes]:
    bar = f'<progress value="{progress.done}" max="{progress.total}"></progress>'
    body = PAGE.format(text=escape(progress.text), bar=bar if progress.total else "").encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Retry-After", "2"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ]
    start_response("503 Service Unavailable", headers)
    return [body]
