"""A fee schedule: what the practice charges, by procedure, from a day on.

Owns: publishing versions, and which price holds on a day of service. Refuses: what a payer allows (a contract says it).
A version prices its items; a procedure that it does not name keeps the price of the version before. Next: `assembly.py`
prices a claim with it.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

from shared.events.claims import FeeScheduleEvent, FeeScheduleItem, FeeScheduleVersionPublished
from shared.kernel.decider import Decider
from shared.kernel.errors import Malformed, Rejected
from shared.kernel.identifiers import derived_id
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishFeeSchedule:
    """Put prices in force. **Shape**: `fee_schedule_id` follows from the name: `fee_schedule_id_of`."""

    fee_schedule_id: str
    schedule_name: str
    schedule_version: int
    effective_from_on: date
    effective_to_on: date | None
    items: tuple[FeeScheduleItem, ...]
    now: datetime


Command: TypeAlias = PublishFeeSchedule


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """The versions that were published."""

    versions: tuple[FeeScheduleVersionPublished, ...] = ()


class FeeScheduleVersionExists(Rejected):
    """A version was published with other prices or dates: prices that were charged never change."""

    slug = "fee-schedule-version-exists"


class FeeScheduleUnclear(Malformed):
    """A version prices nothing, prices one thing twice, or ends before it begins."""

    slug = "fee-schedule-unclear"


def fee_schedule_id_of(schedule_name: str) -> str:
    """Return the id of the schedule with a name, however it is typed: a name has one schedule."""
    return derived_id("fee_schedule", " ".join(schedule_name.split()).casefold())


def decide(schedule: FeeSchedule, command: Command) -> tuple[FeeScheduleEvent, ...]:
    """Return the new version, nothing where the same was published before.

    **Errors**: `FeeScheduleVersionExists`, `FeeScheduleUnclear`.
    """
    named = {(item.procedure_code, item.modifier) for item in command.items}
    if not named or len(named) != len(command.items):
        raise FeeScheduleUnclear("a version prices something, and each procedure with a modifier once")
    if command.effective_to_on is not None and command.effective_to_on < command.effective_from_on:
        raise FeeScheduleUnclear("the last day of a version is not before its first")
    for version in schedule.versions:
        if version.schedule_version == command.schedule_version:
            if _content(version) != _content(command):
                raise FeeScheduleVersionExists("this version was published with another content")
            return ()
    return (
        FeeScheduleVersionPublished(
            fee_schedule_id=command.fee_schedule_id,
            schedule_name=command.schedule_name,
            schedule_version=command.schedule_version,
            effective_from_on=command.effective_from_on,
            effective_to_on=command.effective_to_on,
            items=command.items,
            published_at=command.now,
        ),
    )


def _content(version: FeeScheduleVersionPublished | PublishFeeSchedule) -> object:
    items = frozenset((item.procedure_code, item.modifier, item.charge_cents) for item in version.items)
    return version.effective_from_on, version.effective_to_on, items


def evolve(schedule: FeeSchedule, event: FeeScheduleEvent) -> FeeSchedule:
    """Return the state after a stored fact."""
    return FeeSchedule((*schedule.versions, event))


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per schedule."""
    return f"fee_schedule-{command.fee_schedule_id}"


FEE_SCHEDULES: Final[Decider[FeeSchedule, Command, FeeScheduleEvent]] = Decider(
    commands=members(Command),
    events=members(FeeScheduleEvent),
    stream=stream,
    initial=FeeSchedule(),
    decide=decide,
    evolve=evolve,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price of one unit of a procedure by one version. **Shape**: both days inclusive; None: open."""

    schedule_name: str
    schedule_version: int
    effective_from_on: date
    effective_to_on: date | None
    modifier: str | None
    charge_cents: int

    @property
    def version(self) -> str:
        """Return which schedule and version say so, as claims quote it."""
        return f"{self.schedule_name} {self.schedule_version}"

    def holds_on(self, day: date) -> bool:
        """Return whether the version prices services of a day."""
        return self.effective_from_on <= day and (self.effective_to_on is None or day <= self.effective_to_on)


def in_order(prices: Iterable[Price]) -> tuple[Price, ...]:
    """Return prices in the order in which they are tried: schedules by name, the newest version first."""
    return tuple(sorted(prices, key=lambda price: (price.schedule_name, -price.schedule_version, price.modifier or "")))


def price_on(prices: tuple[Price, ...], day: date, *, modifiers: tuple[str, ...]) -> Price | None:
    """Return the price of a procedure on a day of service, None where no version has one.

    **Shape**: within the first version that holds on the day, the price of one of the line's modifiers goes before the
    price without a modifier. A price for a modifier that the line does not have is none.
    """
    held = [price for price in prices if price.holds_on(day) and price.modifier in (None, *modifiers)]
    if not held:
        return None
    first = [price for price in held if price.version == held[0].version]
    return next((price for price in first if price.modifier), first[0])


def is_ambiguous(prices: tuple[Price, ...], day: date, *, modifiers: tuple[str, ...]) -> bool:
    """Return whether two schedules price a procedure on a day: no rule says which of them holds."""
    names = {price.schedule_name for price in prices if price.holds_on(day) and price.modifier in (None, *modifiers)}
    return len(names) > 1 and len(set(map(fee_schedule_id_of, names))) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedProcedure:
    """All prices of one procedure, in the order in which they are tried."""

    procedure_code: str
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True)
class PriceList:
    """All prices of all schedules. **Shape**: procedures by code, so that one is found by halving."""

    procedures: tuple[PricedProcedure, ...] = ()

    def of(self, procedure_code: str) -> tuple[Price, ...]:
        """Return the prices of a procedure, none where nobody priced it."""
        place = bisect_left(self.procedures, procedure_code, key=lambda each: each.procedure_code)
        found = self.procedures[place : place + 1]
        return found[0].prices if found and found[0].procedure_code == procedure_code else ()

    def with_version(self, event: FeeScheduleVersionPublished) -> "PriceList":
        """Return the list after a version was published; the order of publishing does not matter."""
        prices = {each.procedure_code: each.prices for each in self.procedures}
        for item in event.items:
            price = Price(
                schedule_name=event.schedule_name,
                schedule_version=event.schedule_version,
                effective_from_on=event.effective_from_on,
                effective_to_on=event.effective_to_on,
                modifier=item.modifier,
                charge_cents=item.charge_cents,
            )
            prices[item.procedure_code] = in_order((*prices.get(item.procedure_code, ()), price))
        return PriceList(tuple(PricedProcedure(procedure_code=code, prices=prices[code]) for code in sorted(prices)))
