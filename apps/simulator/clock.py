"""The simulator's own time: it runs as time does, faster where told so, and jumps ahead when somebody says so.

Owns: the one place where "in fourteen days" becomes an instant. Refuses: going back: what was answered stays answered.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.kernel.errors import Malformed

_SPAN: Final = re.compile(r"(\d{1,5})([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST: Final = timedelta(days=3_650)


class NotASpan(Malformed):
    """A span of time is a number with s, m, h, d or w behind it, such as 14d."""

    slug = "simulator-not-a-span"


@dataclass(slots=True)
class DrivenClock:
    """Time since the simulator was first started. **Shape**: `real` says what time it is outside."""

    real: Callable[[], datetime]
    began_at: datetime
    speed: int = 1
    ahead: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        """Return what time it is here."""
        return self.began_at + (self.real() - self.began_at) * self.speed + self.ahead

    def advance(self, span: timedelta) -> None:
        """Jump ahead."""
        self.ahead += span


def span(text: str) -> timedelta:
    """Return a span of time as people write it, such as 90s, 12h, 14d or 2w. **Errors**: `NotASpan`."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise NotASpan("write a number and a unit, such as 90s, 30m, 12h, 14d or 2w")
    asked = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if asked > _LONGEST:
        raise NotASpan(f"no more than {_LONGEST.days} days at once")
    return asked
