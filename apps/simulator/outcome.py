"""What becomes of a claim: the table of member-id prefixes, and the seeded mix for everyone else.

| prefix | what the claim meets |
|---|---|
| `PAID` | paid in full, less the contractual part |
| `DEDU` | deductible, coinsurance and copay: a part is the patient's |
| `DENY` | denied; the digits behind it are the reason (`DENY27A0001` is CARC 27), 50 where there are none |
| `REJP` | taken by the clearinghouse, rejected by the payer (277CA) |
| `REJC` | rejected by the clearinghouse (277CA) |
| `R999` | the whole transaction set that holds it is rejected (999) |
| other | a mix: of 100 about 68 `PAID`, 18 `DEDU`, 10 `DENY`, 2 `REJP`, 2 `REJC` |

The mix is drawn from the seed, the member, the first day of service and the charge: the same claim meets the same
outcome in every run, however it is numbered and wherever it stands in the file.
"""

import re
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b
from typing import Final

from apps.simulator.claim import Claim

_DENIED: Final = re.compile(r"DENY(\d{1,3})(?!\d)")
_REASON: Final = "50"  # not deemed a medical necessity by the payer
_REASONS_OF_THE_MIX: Final = ("16", "27", "29", "50", "96", "97", "197")


class Course(Enum):
    """The roads that a claim can take."""

    PAID = "PAID"
    SHARED = "DEDU"
    DENIED = "DENY"
    REJECTED_BY_PAYER = "REJP"
    REJECTED_BY_CLEARINGHOUSE = "REJC"
    SET_REJECTED = "R999"


_MIX: Final = (
    (68, Course.PAID),
    (86, Course.SHARED),
    (96, Course.DENIED),
    (98, Course.REJECTED_BY_PAYER),
    (100, Course.REJECTED_BY_CLEARINGHOUSE),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A course, with the adjustment reason (CARC) where it is a denial."""

    course: Course
    reason: str = ""


def outcome(claim: Claim, *, seed: int) -> Outcome:
    """Return what becomes of a claim."""
    prefix = claim.subscriber.number[:4].upper()
    for course in Course:
        if course.value == prefix:
            return Outcome(course, _reason(claim.subscriber.number) if course is Course.DENIED else "")
    return _drawn(claim, seed)


def _reason(member_id: str) -> str:
    found = _DENIED.match(member_id.upper())
    return str(int(found[1])) if found and int(found[1]) else _REASON


def _drawn(claim: Claim, seed: int) -> Outcome:
    text = f"{seed}|{claim.subscriber.number}|{claim.lines[0].from_on}|{claim.charge_cents}"
    number = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
    draw, rest = number % 100, number // 100
    course = next(course for limit, course in _MIX if draw < limit)
    denied = course is Course.DENIED
    return Outcome(course, _REASONS_OF_THE_MIX[rest % len(_REASONS_OF_THE_MIX)] if denied else "")
