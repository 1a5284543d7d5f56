"""Races as they happen: everybody begins at the same moment, each on a connection of their own."""

import threading
from collections.abc import Callable

from django.db import connection

from access.errors import AccessError


def race(*runners: Callable[[], object]) -> list[object]:
    """Everybody's result or error, after all began at the same moment on a connection of their own."""
    barrier = threading.Barrier(len(runners))
    results: list[object] = [None] * len(runners)

    def start(place: int, runner: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = runner()
        except AccessError as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=start, args=each) for each in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
