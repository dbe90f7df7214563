"""The only place that asks what time it is, and that makes up ids.

Owns: `now`, `new_id`. Refuses: calendar dates (`kernel/dates.py`). Next: `call.py` hands both to routes.
"""

from datetime import UTC, datetime

from uuid_utils import uuid7


def now() -> datetime:
    """Return the current instant, UTC, whole microseconds."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return an id that nobody has; it sorts by time."""
    return str(uuid7())
