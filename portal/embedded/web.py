"""The web server: granian serving the WSGI application on a socket that the supervisor opened.

granian binds with SO_REUSEPORT, so two portals would share one port and nobody would know. The supervisor therefore
binds the port alone and hands the listening socket on; it stays open while a killed web process is replaced, and
visitors wait a second instead of being refused.
"""

import gc
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.server.mp import MPServer

from portal.embedded.processes import die_with_parent

KILL_SECONDS = 2


class InheritedServer(MPServer):
    """granian's server with a listening socket from outside; pinned to the 2.x series for this one override."""

    def __init__(self, descriptor: int, **options: Any) -> None:
        super().__init__(**options)
        self._descriptor = descriptor

    def _init_shared_socket(self) -> None:
        holder: Any = SocketHolder
        self._shd = holder(self._descriptor, False, self.backlog)
        self._sso = socket.socket(fileno=os.dup(self._descriptor))


def set_aside() -> None:
    """Keeps Python from looking through all that is loaded by now again and again, in the middle of a request."""
    gc.collect()
    gc.freeze()


def load_application() -> Callable[..., Any]:
    """The application, in a worker process that will not outlive the main one."""
    die_with_parent()
    from portal.wsgi import application

    return application


def serve(descriptor: int, *, workers: int, threads: int) -> None:
    """Serves until SIGTERM or SIGINT."""
    # Loaded before the workers are forked: they share its memory, and a replacement is up at once.
    import portal.wsgi

    portal.wsgi.load_pages()
    set_aside()
    server = InheritedServer(
        descriptor,
        target="portal.wsgi:application",
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
        websockets=False,
        log_level="warning",
    )
    server.serve(target_loader=load_application, wrap_loader=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]), workers=int(sys.argv[2]), threads=int(sys.argv[3]))
