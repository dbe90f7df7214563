"""What became of one invariant, and of all of them.

Owns: the shape, for people, programs and tests alike. Refuses: values; a counter-example names positions, streams,
tables and keys, so that it may stand in a log.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One invariant. **Shape**: `holds` is None where it could not be checked; then `note` says why.

    `counter_example` is the first one; `note` says what is no fault and should be known all the same.
    """

    name: str
    about: str
    holds: bool | None
    checked: int
    left_out: int = 0
    counter_example: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """An invariant before it is looked at."""

    name: str
    about: str

    def found(
        self, counter_example: str | None, *, checked: int, left_out: int = 0, note: str | None = None
    ) -> Finding:
        """Return that it holds, or what speaks against it."""
        return Finding(
            name=self.name,
            about=self.about,
            holds=counter_example is None,
            checked=checked,
            left_out=left_out,
            counter_example=counter_example,
            note=note,
        )

    def unchecked(self, why: str) -> Finding:
        """Return that nobody knows."""
        return Finding(name=self.name, about=self.about, holds=None, checked=0, note=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """All invariants of one service, as of one position of its store."""

    service: str
    position: int
    seconds: float
    invariants: tuple[Finding, ...]

    @property
    def holds(self) -> bool | None:
        """Return whether all hold; None where none is broken and some could not be checked."""
        verdicts = {each.holds for each in self.invariants}
        return False if False in verdicts else None if None in verdicts else True

    def as_fields(self) -> Mapping[str, Any]:
        """Return it as a program reads it."""
        return {
            "service": self.service,
            "position": self.position,
            "seconds": round(self.seconds, 3),
            "events_per_second": round(self.position / self.seconds) if self.seconds else 0,
            "invariants": [asdict(each) for each in self.invariants],
        }
