"""The process every DuckDB worker of one web process is forked from.

Loading DuckDB takes a third of a second of a processor; a copy of a process that has loaded it is there in a few
milliseconds. This one is started clean, like a worker used to be: no environment, no descriptor and no memory of the
portal. It opens no warehouse, starts no thread and never runs a query, so a worker inherits code and nothing else.
Started by `duckdb_process`; takes its orders on descriptor 0, which is a socket.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import sys
from contextlib import suppress
from typing import Any, NoReturn

from catalog.engines import confinement, duckdb_worker

BYTES_PER_ORDER = 1 << 16
# The descriptors that come with an order: where the worker reads its requests, where it writes its answers, and where
# the system has shared memory, that and where the worker reads its credits.
FEWEST_DESCRIPTORS, MOST_DESCRIPTORS = 2, 4
# Seconds between two looks for workers that ended.
REAP_EVERY = 1.0
READY = b"ready"


def main() -> NoReturn:
    """Forks one worker per order until whoever orders closes the socket."""
    confinement.die_with_parent(int(sys.argv[1]))
    orders = socket.socket(fileno=0)
    # What is here now stays: no copy touches it, and its pages stay shared.
    gc.collect()
    gc.freeze()
    orders.sendall(READY)
    n_workers = 0
    while True:
        select.select([orders], [], [], REAP_EVERY if n_workers else None)
        n_workers -= _reap()
        if select.select([orders], [], [], 0)[0]:
            n_workers += _served(orders)


def _served(orders: socket.socket) -> int:
    """Takes one order and answers with the new worker's number, and a handle that means this process for ever."""
    words, descriptors, _, _ = socket.recv_fds(orders, BYTES_PER_ORDER, MOST_DESCRIPTORS)
    if len(descriptors) not in (FEWEST_DESCRIPTORS, MOST_DESCRIPTORS):
        os._exit(0)
    here = os.getpid()
    worker = os.fork()
    if not worker:
        _become(json.loads(words), here, orders, *descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    # Before it is reaped its number is nobody else's.
    handles = [os.pidfd_open(worker)] if hasattr(os, "pidfd_open") else []
    socket.send_fds(orders, [str(worker).encode()], handles)
    for handle in handles:
        os.close(handle)
    return 1


def _become(
    words: dict[str, Any],
    parent: int,
    orders: socket.socket,
    requests: int,
    output: int,
    *shared: int,
) -> NoReturn:
    """The rest of a worker's life, in the copy."""
    try:
        orders.detach()
        os.dup2(requests, 0)
        os.close(requests)
        os.chdir(words["folder"])
        settings = duckdb_worker.Settings(**words, output=output, parent=parent, shared=shared)
        duckdb_worker.main(settings)
    finally:
        # Not this process's to tidy up, and nobody to tell.
        os._exit(0)


def _reap() -> int:
    """How many workers ended since the last look. Without handles their numbers must stay taken, so none is reaped."""
    n_ended = 0
    with suppress(ChildProcessError):
        while hasattr(os, "pidfd_open") and os.waitpid(-1, os.WNOHANG)[0]:
            n_ended += 1
    return n_ended
