"""A route that ends: how its callers learn it, for a year at least.

Owns: the headers, the words, and that an end is announced as it should be. A route that another one replaces is kept
beside it until its last day; an answer says both days, the documents say what to ask instead. **Source**: RFC 9745 for
`Deprecation`, RFC 8594 for `Sunset`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Final

from shared.runtime.access import Access

KEPT_AT_LEAST: Final = timedelta(days=365)


def headers_of(entry: Access, root_path: str) -> Mapping[str, str]:
    """Return what answers of a route that ends say of it; nothing where it goes on."""
    if entry.deprecated_on is None or entry.sunset_on is None:
        return {}
    return {
        "Deprecation": f"@{int(_begin_of(entry.deprecated_on).timestamp())}",
        "Sunset": format_datetime(_begin_of(entry.sunset_on), usegmt=True),
        "Link": f'<{root_path}/openapi.json>; rel="deprecation"; type="application/json"',
    }


def words_of(entry: Access) -> str:
    """Return what documents say of a route that ends; nothing where it goes on."""
    if entry.deprecated_on is None or entry.sunset_on is None:
        return ""
    return f"Deprecated since {entry.deprecated_on}, kept until {entry.sunset_on}: use {entry.instead}."


def is_announced(entry: Access, routes: Mapping[str, Access]) -> bool:
    """Return whether a route goes on, or ends as one may: long after it was said, with another one in its place."""
    given = (entry.deprecated_on, entry.sunset_on, entry.instead or None)
    if given == (None, None, None):
        return True
    if entry.deprecated_on is None or entry.sunset_on is None:
        return False
    return entry.sunset_on - entry.deprecated_on >= KEPT_AT_LEAST and entry.instead in routes


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
