"""Which management commands need the servers, and how they get them.

A command that needs the database finds it: under `up` it uses what runs, otherwise it starts the servers of the home
and leaves them as it found them.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from portal.embedded.keeper import Use
from portal.embedded.servers import Wanted
from portal.home import Home

ROOT = Path(__file__).resolve().parent.parent.parent
# Commands that only read the code, or look after the servers themselves.
WITHOUT_SERVERS = frozenset(
    {
        *("check", "makemigrations", "help", "version", "diffsettings", "findstatic"),
        *("collectstatic", "compilemessages", "makemessages", "startapp", "testserver"),
        *("up", "doctor"),
    }
)


def needs_servers(arguments: Sequence[str]) -> bool:
    """Whether `manage.py ARGUMENTS` will open the database."""
    words = [word for word in arguments if not word.startswith("-")]
    if not words or {"--help", "-h", "--version"} & set(arguments):
        return False
    return words[0] not in WITHOUT_SERVERS


@contextlib.contextmanager
def servers_for(arguments: Sequence[str]) -> Iterator[None]:
    """The servers for as long as one command runs; nothing at all where it needs none or the environment names them.

    Errors: `Unavailable` with the reason when they cannot start.
    """
    wanted = Wanted.from_environment()
    if not (needs_servers(arguments) and wanted.anything):
        yield
        return
    home = Home.at(os.environ.get("PORTAL_HOME") or ROOT / ".portal")
    is_new = wanted.database and not (home.postgres / "PG_VERSION").exists()
    use = Use(home, wanted)
    try:
        use.begin()
        if is_new and arguments[0] != "migrate":
            _migrate()
        yield
    finally:
        use.finish()


def _migrate() -> None:
    """A database that was made a moment ago has no tables yet, and no command works without them."""
    print("Making the portal's database (first use of this home) ...", file=sys.stderr)
    subprocess.run(
        [sys.executable, ROOT / "manage.py", "migrate", "--no-input", "--verbosity=0"], check=True
    )
