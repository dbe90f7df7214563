"""What a check found, and by which rule; a finding names a place, never a value, which may be a patient's."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Tell: TypeAlias = Callable[..., None]
"""Takes the id of a rule, the segment that breaks it, and `element`, `loop`, `detail` as in `Finding`."""


class Severity(StrEnum):
    """Whether a receiver will refuse a file over it, or only may."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. **Shape**: `id` begins with the SNIP level; `mend` says what to do; `source` who demands it."""

    id: str
    severity: Severity
    wrong: str
    mend: str
    source: str

    @property
    def level(self) -> int:
        """Return the SNIP level: 1 syntax, 2 guide, 3 sums, 4 situations, 5 code sets, 7 duplicates."""
        return int(self.id[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place that a rule complains of.

    **Shape**: `element` as in the guides without the segment's id (`02`, `05-3`), empty where it is the segment as a
    whole; `loop` the guide's name of the loop, empty outside a set; `detail` what exactly, without values of the file.
    **Units**: `segment` from 1, `offset` in bytes from 0, both from the start of the file.
    """

    rule: Rule
    segment: int
    offset: int
    segment_id: str = ""
    element: str = ""
    loop: str = ""
    detail: str = ""

    @property
    def is_error(self) -> bool:
        """Return whether a receiver will refuse the file over it."""
        return self.rule.severity is Severity.ERROR

    @property
    def place(self) -> str:
        """Return the element as billers write it: `CLM05-3`."""
        return f"{self.segment_id}{self.element}"
