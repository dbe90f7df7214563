"""What the codes of payers' and clearinghouses' answers mean, in a few words of our own.

Owns: what a person at work reads beside a code of an 835, a 277CA or a 999. A code that is not here stands alone. Pure.
Refuses: what follows from a code (`shared/codesets/carc_rarc.py`, and the services that act on it).
"""

from collections.abc import Mapping
from typing import Final

from shared.codesets.carc_rarc import CARC, RARC

_CATEGORIES: Final[Mapping[str, str]] = {
    "A0": "passed on",
    "A1": "received",
    "A2": "accepted",
    "A3": "returned",
    "A4": "not found",
    "A5": "split",
    "A6": "incomplete",
    "A7": "invalid",
    "A8": "contradictory",
}
"""**Source**: STC01-1 of 005010X214 (277CA)."""
_STATUSES: Final[Mapping[str, str]] = {
    "16": "on its way to the payer",
    "20": "taken for adjudication",
    "33": "member not found",
    "164": "member id",
    "178": "charge",
    "187": "service date",
    "476": "units",
    "477": "diagnosis pointer",
    "535": "frequency",
    "562": "NPI",
}
"""**Source**: STC01-2, of which those that clearinghouses give most."""
_DECISIONS: Final[Mapping[str, str]] = {
    "1": "decided as primary",
    "2": "decided as secondary",
    "3": "decided as tertiary",
    "4": "denied",
    "19": "decided as primary, passed on",
    "20": "decided as secondary, passed on",
    "21": "decided as tertiary, passed on",
    "22": "taken back",
    "23": "not this payer's, passed on",
    "25": "estimate",
}
"""**Source**: CLP02 of 005010X221A1 (835)."""
_SETS: Final[Mapping[str, str]] = {"A": "file accepted", "E": "file accepted with errors", "R": "file rejected"}


def meaning(code: str) -> str:
    """Return what a code means, empty where that is not known: `A7:164:IL`, `IK5:R`, `CLP02:4`, `CO-45`, `N130`."""
    group, _, reason = code.partition("-")
    if reason:
        found = CARC.row(reason)
        return found.label if found and len(group) == 2 else ""  # noqa: PLR2004 (CO, PR, OA, PI)
    name, _, rest = code.partition(":")
    value, _, place = rest.partition(":")
    match name:
        case "CLP02":
            return _DECISIONS.get(value, "")
        case "IK5":
            return _SETS.get(value, "")
        case "IK3":
            return f"at segment {place.rpartition('/')[2]}" if place else ""
        case _ if name in _CATEGORIES:
            return ": ".join(filter(None, (_CATEGORIES[name], _STATUSES.get(value, ""))))
        case _:
            remark = RARC.row(name)
            return remark.label if remark else ""
