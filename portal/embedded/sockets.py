"""The folder of the unix sockets: short, private, and gone when nothing listens in it."""

import contextlib
import os
import stat
from pathlib import Path

from portal.embedded.accounts import Account
from portal.embedded.binaries import Unavailable


def make_sockets(folder: Path, account: Account) -> None:
    """Makes the private folder for the sockets, or takes over our own.

    Errors: `Unavailable` when something of another user lies there: temporary folders are open to everyone.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid in {os.getuid(), account.owner}
    if not is_ours:
        raise Unavailable(
            f"{folder} belongs to another user. Remove it, or set TMPDIR to a folder of your own."
        )
    os.chmod(folder, 0o700)
    if found.st_uid != account.owner:
        os.chown(folder, account.owner, -1, follow_symlinks=False)


def remove_sockets(folder: Path) -> None:
    """Removes the folder of sockets once nothing listens there any more."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.iterdir():
        path.unlink(missing_ok=True)
    folder.rmdir()
