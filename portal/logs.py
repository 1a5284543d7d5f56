"""How the portal writes its logs: events with fields, one per line, on standard error.

People read `12:00:01 info grant.issued grant=7`; with PORTAL_LOG_FORMAT=json machines read the same fields as JSON. Values from the data and
credentials are never logged: whoever logs passes ids, names, counts and durations.
"""

from typing import Any

import structlog
from structlog.typing import Processor


def configure(*, level: str, as_json: bool) -> dict[str, Any]:
    """Sets structlog up and returns the matching `LOGGING` dictionary for Django and the libraries."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=as_json),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return _handlers(level, shared, _renderers(as_json))


def _renderers(as_json: bool) -> list[Processor]:
    if as_json:
        return [
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(sort_keys=True),
        ]
    return [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, pad_level=False)]


def _handlers(level: str, shared: list[Processor], renderers: list[Processor]) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "events": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *renderers,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # psycopg_pool reports each failed attempt; the pages and /readyz already say the database is down.
            "psycopg.pool": {"level": "ERROR"},
            # A tick every few seconds: the tasks log their own summaries when they did something.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }
