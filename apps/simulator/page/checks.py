"""Checks as a trainer reads them: what was paid, and what stands in them besides claims (PLB)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from apps.simulator.book import BookedCheck, BookedClaim, BookedEntry
from apps.simulator.office import Office
from apps.simulator.page.paging import Slice, newest
from apps.simulator.treasury import FORWARD, INTEREST, OVERPAYMENT

_WORDS: Final = {
    (OVERPAYMENT, False): "overpayment, kept from this check",
    (OVERPAYMENT, True): "overpayment, to be kept from a later check",
    (FORWARD, False): "negative rest of an earlier check",
    (FORWARD, True): "negative rest, moved to the next check",
    (INTEREST, True): "interest of a late payer",
}
"""What an entry means, by its reason and whether it makes the check larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry. **Units**: cents, as it changes the check: less than nothing where it makes it smaller."""

    entry: BookedEntry
    words: str
    changes_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One check. **Units**: cents; what the claims are paid, and what the check is after its entries."""

    number: int
    check: BookedCheck
    claims_cents: int
    entries: tuple[EntryRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One check with some of its claims. **Shape**: `claims` are in the order of the 835."""

    check: CheckRow
    claims: Sequence[BookedClaim]
    at: int
    next_at: int


def checks(office: Office, before: int, limit: int) -> Slice[CheckRow]:
    """Return the newest checks."""
    booked = office.book.checks
    found = newest(len(booked), before, limit)
    return Slice([_row(number, booked[number - 1]) for number in found.rows], found.older)


def view(office: Office, number: int, at: int, limit: int) -> CheckView | None:
    """Return a check with its claims from a place on, None where there is no such check."""
    booked = office.book.checks
    if not 0 < number <= len(booked):
        return None
    check = booked[number - 1]
    claims = office.book.claims_of(number)[at : at + limit]
    return CheckView(
        check=_row(number, check), claims=claims, at=at, next_at=at + limit if at + limit < check.claims else 0
    )


def _row(number: int, check: BookedCheck) -> CheckRow:
    return CheckRow(
        number=number,
        check=check,
        claims_cents=check.paid_cents + sum(each.amount_cents for each in check.entries),
        entries=tuple(map(_entry, check.entries)),
    )


def _entry(entry: BookedEntry) -> EntryRow:
    changes_cents = -entry.amount_cents
    words = _WORDS.get((entry.reason, changes_cents > 0), "")
    return EntryRow(entry=entry, words=words, changes_cents=changes_cents)
