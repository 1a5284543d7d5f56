"""What a web process loads before it is forked, so that no visitor waits for it."""

import subprocess
import sys
from pathlib import Path

from tests.portal.embedded.portals import ROOT, clean_environment

ASKED = """
import sys
from portal import wsgi

wsgi.load_pages()
before = set(sys.modules)
from django.test import RequestFactory

request = RequestFactory().get("/healthz", headers={"host": "localhost"})
wsgi.application(request.environ, lambda *_: None)
print(*sorted(name for name in set(sys.modules) - before if name.split(".")[0] in ("portal", "access", "catalog")))
"""


def test_the_first_request_loads_nothing_of_the_portal(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        cwd=ROOT,
        env=clean_environment(PORTAL_HOME=str(tmp_path / "home")),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
