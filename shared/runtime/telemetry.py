"""Logs: structured, to standard error, with ids and slugs and never a person's value.

Owns: the log set-up, whose allowlist drops unknown keys. Refuses: payloads. Next: `metrics.py` counts, `tracing.py` has
the spans.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_ALLOWED: Final = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "kind", "slug", "cause", "topic", "partition", "offset",
        "position", "expected", "found", "event_id", "trace_id", "correlation_id", "route", "status", "units", "count",
        "seconds", "address", "path", "effect", "reaction", "projection", "attempt", "sha256", "batch_id", "claim_id",
        "remittance_id", "file_id", "seed", "environment", "exception", "version", "claims", "state", "job",
        "commands", "outcome", "actor_kind", "lock", "operation_id",
    }
)  # fmt: skip


def _drop_unknown(_: object, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep only keys that cannot hold a person's value; an exception is told by class and place, not by its words."""
    for key in [key for key in entry if key not in _ALLOWED]:
        del entry[key]
    return entry


def _place_of_exception(_: object, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = sys.exc_info()[1] if entry.pop("exc_info", None) else None
    if error is not None:
        frames = []
        trace = error.__traceback__
        while trace is not None:
            frames.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 3)[-1]}:{trace.tb_lineno}")
            trace = trace.tb_next
        entry["exception"] = f"{type(error).__name__} at {' < '.join(reversed(frames[-6:]))}"
    return entry


class _Libraries(logging.Handler):
    """What libraries log, without their words: a message of theirs may quote a value of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say which library warned, and of what kind of error."""
        if record.levelno >= logging.WARNING:
            kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
            structlog.get_logger(record.name).warning("library-warned", kind=kind, path=record.name)


def configure_logging(*, level: int = logging.INFO, readable: bool = False) -> None:
    """Write structured lines to standard error; `readable` for people at a terminal, else JSON."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False) if readable else structlog.processors.JSONRenderer()
    )
    logging.getLogger().handlers = [_Libraries()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _place_of_exception,
            _drop_unknown,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
