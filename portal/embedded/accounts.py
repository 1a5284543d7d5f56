"""Which operating system account the embedded servers run under.

PostgreSQL refuses to run as root. An ordinary user's servers run as that user. Root's servers run as an unprivileged
account: as `nobody` when that account can reach the home and the programs, else inside a user namespace in which root
is seen as the unprivileged account `daemon`. `daemon` and not `nobody` there, because the kernel shows every *other*
user as `nobody` inside a namespace, and peer authentication would let them all in.
"""

import ctypes
import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.binaries import Unavailable

CLONE_NEWUSER = 0x10000000
PLAIN, NAMESPACE = "nobody", "daemon"


@dataclass(frozen=True)
class Account:
    """An account to run servers under, and how a client of ours looks to them."""

    uid: int
    gid: int
    name: str
    client: str
    is_namespace: bool = False

    @property
    def owner(self) -> int:
        """The user id that must own the servers' folders, seen from outside."""
        return os.getuid() if self.is_namespace else self.uid

    @property
    def is_changed(self) -> bool:
        """Whether a child must change its user id before it runs a server."""
        return not self.is_namespace and self.uid != os.getuid()

    def enter(self) -> None:
        """Makes the calling process the account; runs between fork and exec, for a namespace only."""
        if self.is_namespace:
            _enter_namespace(self.uid, self.gid)


def find_account(home: Path, program: Path) -> Account:
    """The account for servers that must read `program` and keep their data under `home`.

    Errors: `Unavailable` when this user has no name (PostgreSQL needs one), or as root when neither way works.
    """
    if os.getuid() != 0:
        return _own_account()
    plain = _named(PLAIN, client="root")
    if plain and _can_run(plain, home, program):
        return plain
    namespace = _named(NAMESPACE, client=NAMESPACE, is_namespace=True)
    if namespace and _can_run(namespace, home, program):
        return namespace
    raise Unavailable(
        f"PostgreSQL does not run as root, the account '{PLAIN}' cannot reach {home} or {program}, and this system "
        "allows no user namespace. Run the portal as an ordinary user, or put the checkout and PORTAL_HOME where "
        f"'{PLAIN}' may read, or set DATABASE_URL and REDIS_URL to running servers."
    )


def _own_account() -> Account:
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        raise Unavailable(
            f"The user id {os.getuid()} has no name on this system, and PostgreSQL needs one. Add a line for it to "
            "/etc/passwd, or set DATABASE_URL and REDIS_URL to running servers."
        ) from None
    return Account(os.getuid(), os.getgid(), name, client=name)


def _named(name: str, *, client: str, is_namespace: bool = False) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, name, client, is_namespace)


def _can_run(account: Account, home: Path, program: Path) -> bool:
    """Tries it: permissions, mounts and container rules are more than mode bits can tell."""

    def enter_and_look() -> None:
        account.enter()
        # The working folder would be no proof: it is entered before the user id changes.
        os.stat(f"{home}/.")

    try:
        answer = subprocess.run(
            [program, "--version"],
            capture_output=True,
            check=False,
            user=account.uid if account.is_changed else None,
            group=account.gid if account.is_changed else None,
            extra_groups=[] if account.is_changed else None,
            preexec_fn=enter_and_look,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0


def _enter_namespace(uid: int, gid: int) -> None:
    """unshare(CLONE_NEWUSER) and map this process' own ids, see user_namespaces(7)."""
    if sys.platform != "linux":
        raise OSError("user namespaces are Linux only")
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {outer_uid} 1"),
        ("gid_map", f"{gid} {outer_gid} 1"),
    ):
        Path(f"/proc/self/{name}").write_text(line, encoding="ascii")
