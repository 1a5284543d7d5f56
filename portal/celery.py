"""The Celery application: one queue, one periodic tick, everything else decided by rows in PostgreSQL."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]
from celery.signals import worker_process_init

from portal.embedded.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

# Celery warns root because pickled messages could run code; this queue takes JSON only.
warnings.simplefilter("ignore", SecurityWarning)

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _end_with_the_worker(**_: Any) -> None:
    """A worker killed with kill -9 takes its children along; its tasks are delivered again."""
    die_with_parent()
