"""The embedded PostgreSQL: one data folder under the home, reachable over one unix socket by one user.

All options are in files the launcher writes, none on the command line, so that paths with spaces work and an
operator sees what runs. A process id found in a file is never trusted: whoever answers on our socket is asked for its
data folder, and the kernel says which process it is.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from portal.embedded.accounts import Account
from portal.embedded.binaries import PostgresBinaries, Unavailable
from portal.embedded.processes import end_orphan, listener, spawn
from portal.embedded.sockets import make_sockets
from portal.home import Home

if TYPE_CHECKING:
    import psycopg

SOCKET_NAME = ".s.PGSQL.5432"
CONFIGURATION = """\
# Written by Gatehouse at every start; changes here are lost. Your own options belong in {own}.
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
max_connections = 150
shared_buffers = 128MB
max_wal_size = 1GB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = ''
log_checkpoints = off
log_min_messages = log
max_logical_replication_workers = 0
{durability}
include = {own}
"""
RELAXED = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off"


@dataclass
class Postgres:
    """How to start and recognise the PostgreSQL of one home.

    `is_durable` off trades crash safety for speed and `extra_access` adds lines to pg_hba.conf; both are for
    scratch clusters that a test run throws away.
    """

    home: Home
    binaries: PostgresBinaries
    account: Account
    is_durable: bool = True
    extra_access: tuple[str, ...] = ()
    name: str = field(default="postgres", init=False)
    stop_signal: signal.Signals = field(default=signal.SIGINT, init=False)
    grace: float = field(default=6.0, init=False)

    def launch(self, output: int | None) -> "subprocess.Popen[bytes]":
        """Makes the data folder if there is none, mends what a crash left, and starts the server.

        Errors: `Unavailable` when the data folder is of another version or another server uses it.
        """
        make_sockets(self.home.sockets, self.account)
        self._make_data()
        self._configure()
        self._mend()
        return spawn(
            [self.binaries.postgres, "-D", self.home.postgres],
            output=output,
            # SIGINT is PostgreSQL's fast shutdown: sessions end, then it stops cleanly.
            death_signal=signal.SIGINT,
            account=self.account,
            environment=self._environment(),
            cwd=self.home.postgres,
        )

    def is_ready(self) -> bool:
        """Whether a server answers on our socket, over our data folder, with our database in it."""
        if not (self.home.sockets / SOCKET_NAME).exists():
            return False
        return self._data_folder() == str(self.home.postgres) and self._has_database()

    def _make_data(self) -> None:
        data = self.home.postgres
        if (data / "PG_VERSION").exists():
            found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
            if found != str(self.binaries.major):
                raise Unavailable(
                    f"{data} was made by PostgreSQL {found}, but the installed one is {self.binaries.major}. Point "
                    f"PORTAL_PG_BIN at the bin folder of PostgreSQL {found}, or move the data with pg_dump."
                )
            own(data, self.account)
            return
        self._initialise(data)

    def _initialise(self, data: Path) -> None:
        """In a draft folder that is renamed when complete: a crash half-way leaves nothing that looks whole."""
        draft = data.with_name("postgres.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        own(draft, self.account)
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        process = spawn(
            [
                *(self.binaries.initdb, "-D", draft, "--username=portal", "--encoding=UTF8"),
                *("--auth-local=peer", "--auth-host=reject", "--no-instructions", "--locale=C"),
                *(locale if self.binaries.major >= 17 else ["--lc-ctype=C.UTF-8"]),
                *(() if self.is_durable else ("--no-sync",)),
            ],
            output=subprocess.PIPE,
            death_signal=signal.SIGKILL,
            account=self.account,
            environment=self._environment(),
            cwd=draft,
        )
        said = process.communicate()[0].decode(errors="replace").strip()
        if process.returncode != 0:
            raise Unavailable(f"PostgreSQL could not make its data folder {data}: {said[-600:]}")
        draft.rename(data)

    def _configure(self) -> None:
        sockets = str(self.home.sockets).replace('"', '""')
        text = CONFIGURATION.format(
            sockets=_quoted(f'"{sockets}"'),
            durability="" if self.is_durable else RELAXED,
            own=_quoted("own.conf"),
        )
        client = self.account.client.replace('"', "")
        if not (self.home.postgres / "own.conf").exists():
            self._write("own.conf", "")
        self._write("postgresql.conf", text)
        self._write("pg_ident.conf", f'home "{client}" portal\n')
        self._write(
            "pg_hba.conf", "\n".join(("local all portal peer map=home", *self.extra_access, ""))
        )

    def _write(self, name: str, text: str) -> None:
        path = self.home.postgres / name
        path.write_text(text, encoding="utf-8")
        own(path, self.account)

    def _environment(self) -> dict[str, str]:
        """Nothing of ours but the path: PG* variables would change what the server does."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    # --- What a crash may have left

    def _mend(self) -> None:
        """Ends an orphan of ours and removes the marks of dead servers. The caller holds the home's lock."""
        orphan = listener(self.home.sockets / SOCKET_NAME) or self._marked_process()
        if orphan and not end_orphan(
            orphan, ((signal.SIGINT, 8), (signal.SIGQUIT, 5), (signal.SIGKILL, 2))
        ):
            raise Unavailable(
                f"Another PostgreSQL (process {orphan}) uses {self.home.postgres} and does not stop."
            )
        for path in self.home.sockets.glob(f"{SOCKET_NAME}*"):
            path.unlink(missing_ok=True)
        # PostgreSQL replaces the mark of a dead process itself, but believes one that names a living stranger.
        (self.home.postgres / "postmaster.pid").unlink(missing_ok=True)

    def _marked_process(self) -> int:
        """The process that postmaster.pid names, if it is a server of ours that no longer listens; else 0."""
        mark = self.home.postgres / "postmaster.pid"
        try:
            pid = int(mark.read_text(encoding="ascii", errors="replace").split("\n")[0])
        except (FileNotFoundError, ValueError):
            return 0
        return pid if self._is_ours(pid) else 0

    def _is_ours(self, pid: int) -> bool:
        """Whether a process works in our data folder, as every PostgreSQL server does in its own."""
        with contextlib.suppress(OSError):
            return os.path.samefile(f"/proc/{pid}/cwd", self.home.postgres)
        return False

    # --- Asking the server who it is

    def _data_folder(self) -> str:
        import psycopg

        with contextlib.suppress(psycopg.Error), self._connection("postgres") as connection:
            row = connection.execute("SHOW data_directory").fetchone()
            return str(row[0]) if row else ""
        return ""

    def _has_database(self) -> bool:
        """Makes the portal's database when it is missing: the first start may have ended between the two steps."""
        import psycopg

        with contextlib.suppress(psycopg.Error), self._connection("postgres") as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = 'portal'"
            if connection.execute(query).fetchone() is None:
                connection.execute("CREATE DATABASE portal")
            return True
        return False

    def _connection(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        import psycopg

        return psycopg.connect(
            host=str(self.home.sockets),
            dbname=database,
            user="portal",
            connect_timeout=3,
            autocommit=True,
        )


def own(path: Path, account: Account) -> None:
    """Gives a folder or file, and what is in it, to the account's owner; only root can and needs to."""
    if os.getuid() != 0:
        return
    if path.stat().st_uid != account.owner:
        for folder, _, files in os.walk(path):
            for name in (".", *files):
                os.chown(os.path.join(folder, name), account.owner, -1, follow_symlinks=False)
        os.chown(path, account.owner, -1, follow_symlinks=False)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
