"""The home folder: everything one portal keeps, and where each part of it lies.

Databases, the demo warehouse, snapshots and keys are under one folder, so that a portal can be moved or deleted as a
whole and two portals never meet. Only the sockets live elsewhere: a socket's path may have about a hundred bytes
(`sun_path` in unix(7)), a home's path may be longer.
"""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from portal.environment import Misconfigured

SOCKET_PATH_LIMIT = 90


@dataclass(frozen=True)
class Home:
    """One portal's folder. Making the object touches nothing."""

    root: Path

    @classmethod
    def at(cls, path: str | Path) -> "Home":
        """The home at `path`, with links and relative parts resolved so that one folder has one name."""
        return cls(Path(path).expanduser().resolve())

    @property
    def postgres(self) -> Path:
        """The embedded PostgreSQL's data folder."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """The embedded Valkey's folder: its configuration and append-only file."""
        return self.root / "valkey"

    @property
    def warehouse(self) -> Path:
        """Warehouse files that belong to this portal, the demo company's among them."""
        return self.root / "warehouse"

    @property
    def keys(self) -> Path:
        """Keys this portal made for itself, readable by its own user only."""
        return self.root / "keys"

    @property
    def state(self) -> Path:
        """Locks and notes that the running processes leave for each other."""
        return self.root / "state"

    @property
    def sockets(self) -> Path:
        """A short folder for the unix sockets, one per home and user, mode 0700 once made."""
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"gatehouse-{os.getuid()}-{digest}"
        if len(os.fsencode(folder)) > SOCKET_PATH_LIMIT:
            raise Misconfigured("TMPDIR", "its path is too long to hold a unix socket")
        return folder

    @property
    def database_url(self) -> str:
        """The embedded PostgreSQL's address: the role `portal` over a unix socket."""
        return f"postgresql://portal@/portal?host={quote(str(self.sockets), safe='')}"

    @property
    def redis_url(self) -> str:
        """The embedded Valkey's address over a unix socket."""
        return f"unix://{quote(str(self.sockets))}/valkey.sock?db=0"

    def make(self) -> None:
        """Makes the folders that are missing, private to this user.

        Root's home may be walked through, not listed: the servers run under an unprivileged account and must get to
        the folders that are theirs.

        Errors: `Misconfigured` when the home cannot be written.
        """
        try:
            if not self.root.exists():
                self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.root.chmod(0o700 if os.getuid() else 0o711)
            for folder in (self.warehouse, self.keys, self.state):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def secret_key(self) -> str:
        """The signing key of this home, made on first use and the same ever after.

        Errors: `Misconfigured` when it can neither be read nor made.
        """
        path = self.keys / "secret_key"
        try:
            if not path.exists():
                self.make()
                self._keep(path, secrets.token_urlsafe(48))
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise self._unwritable(error) from error

    def _keep(self, path: Path, value: str) -> None:
        """Two processes may start at once: the first to link its complete file wins."""
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(value)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()

    def _unwritable(self, error: OSError) -> Misconfigured:
        return Misconfigured(
            "PORTAL_HOME", f"{self.root} cannot be used ({error.strerror}); choose a folder you own"
        )
