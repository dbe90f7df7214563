"""Which claim somebody asks about: found by the payer's number, by the sender's, or by member, days and charge.

Owns: the index over all claims, which is built when somebody asks, and goes on from where it was. A claim that went
back with its whole file or set was never in any payer's house, and is not found. Refuses: what is said of a claim
(`claim_status.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from apps.simulator.case import Case

_UNSEEN = frozenset({"interchange", "set"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a question says of a claim. **Shape**: empty or None where it does not say it. **Units**: cents."""

    payer_id: str
    sender: str
    member_id: str
    payer_claim_number: str = ""
    number: str = ""
    days: tuple[date, date] | None = None
    charge_cents: int | None = None


@dataclass(slots=True)
class Search:
    """The claims by what people ask for them by."""

    _seen: int = 0
    _by_number: dict[tuple[str, str], list[Case]] = field(default_factory=dict)
    _by_member: dict[tuple[str, str], list[Case]] = field(default_factory=dict)

    def find(self, wanted: Wanted, cases: Sequence[Case], by_payer_number: Mapping[str, Case]) -> Case | None:
        """Return the claim that is meant, the latest where several are; None where it is not here."""
        self._go_on(cases)
        known = by_payer_number.get(wanted.payer_claim_number)
        numbered = self._by_number.get((wanted.sender, wanted.number), [])
        of_member = self._by_member.get((wanted.payer_id, wanted.member_id.upper()), [])
        return (
            _latest([known] if known else [], wanted)
            or _latest(numbered, wanted)
            or _latest((case for case in of_member if _fits(case, wanted)), wanted)
        )

    def _go_on(self, cases: Sequence[Case]) -> None:
        for case in cases[self._seen :]:
            if case.level not in _UNSEEN:
                self._by_number.setdefault((case.address.sender[1], case.number), []).append(case)
                self._by_member.setdefault((case.payer_id, case.member_id.upper()), []).append(case)
        self._seen = len(cases)


def _latest(cases: Iterable[Case], wanted: Wanted) -> Case | None:
    """Return the last of these claims that this payer may speak of: those of the member who was named."""
    member_id = wanted.member_id.upper()
    theirs = [case for case in cases if case.payer_id == wanted.payer_id and case.member_id.upper() == member_id]
    return theirs[-1] if theirs else None


def _fits(case: Case, wanted: Wanted) -> bool:
    """Return whether a claim of the member is the one of these days, with that charge where one is named."""
    if wanted.days is None or wanted.charge_cents not in {None, case.charge_cents}:
        return False
    lines = case.claim.lines
    first, last = wanted.days
    return first <= max(line.service_to for line in lines) and min(line.service_from for line in lines) <= last
