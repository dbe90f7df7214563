"""276, the question what became of claims (005010X212): values, `write_276`, `read_276`, `claim_inquiries`.

A set asks payers, for receivers of answers and the providers behind them, about claims of subscribers and dependents.
Segments that are not read stay in `raw`. **Source**: 005010X212. Next: `t277_x212` for the answer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final

from shared.x12.claim_status import ServiceLine, read_service_line, write_service_line
from shared.x12.elements import cents, day_or_none
from shared.x12.hierarchy import HierarchicalLevel, HierarchyWriter, Place, Portion, hierarchical_levels
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.segments import (
    Entity,
    Period,
    Reference,
    Trace,
    read_entity,
    read_periods,
    read_references,
    read_trace,
    write_entity,
    write_periods,
    write_references,
    write_traces,
)
from shared.x12.tokens import Source
from shared.x12.writer import (
    CannotBeWritten,
    Envelope,
    SetKind,
    SetWriter,
    amount,
    enclose_each,
    identifier,
    written_day,
)

GUIDE: Final = "005010X212"
_KIND: Final = SetKind(set_id="276", functional_id="HR", guide=GUIDE)
HOLDERS: Final = {"20": "", "21": "20", "19": "21", "22": "19", "23": "22"}
"""Payer, receiver of the answer, provider, subscriber, dependent: which level stands under which."""
_CHARGE: Final = "T3"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInquiry:
    """One service line that is asked about (2210). **Shape**: `references` REF*FJ, our line control number."""

    service_line: ServiceLine
    periods: tuple[Period, ...]
    references: tuple[Reference, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimInquiry:
    """One claim that is asked about (2200D, 2200E).

    **Shape**: the answer brings `trace` back; `references` REF*1K the payer's number, EJ ours, BLT the type of bill, D9
    the clearinghouse's, and others; `periods` DTP*472. **Units**: cents.
    """

    trace: Trace
    references: tuple[Reference, ...] = ()
    charge_cents: int | None = None
    periods: tuple[Period, ...] = ()
    lines: tuple[LineInquiry, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """A patient who is insured through a subscriber (2000E)."""

    entity: Entity
    claims: tuple[ClaimInquiry, ...]
    birth_on: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whose insurance it is (2000D). **Shape**: `claims` where he is the patient himself, else `dependents`."""

    entity: Entity
    claims: tuple[ClaimInquiry, ...] = ()
    dependents: tuple[Dependent, ...] = ()
    birth_on: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProvider:
    """Whose claims they are (2000C): a provider by its NPI, mostly."""

    entity: Entity
    subscribers: tuple[Subscriber, ...]
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationReceiver:
    """Who gets the answer (2000B)."""

    entity: Entity
    providers: tuple[ServiceProvider, ...]
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationSource:
    """Who is asked (2000A): the payer."""

    entity: Entity
    receivers: tuple[InformationReceiver, ...]
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStatusRequest:
    """One ST. **Shape**: `reference` BHT03."""

    reference: str
    sources: tuple[InformationSource, ...]
    control_number: str = field(default="", compare=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


def claim_inquiries(request: ClaimStatusRequest) -> Iterator[ClaimInquiry]:
    """Return every claim that is asked about, in the order of the file."""
    for source in request.sources:
        for receiver in source.receivers:
            for provider in receiver.providers:
                for subscriber in provider.subscribers:
                    yield from subscriber.claims
                    for dependent in subscriber.dependents:
                        yield from dependent.claims


def read_276(source: Source) -> tuple[ClaimStatusRequest, ...]:
    """Return the questions of a file, one per ST.

    **Shape**: payers, receivers, providers, people and their claims; `claim_inquiries` walks them.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, and those of the envelope (`parts`).
    **Units**: amounts in cents. **Source**: 005010X212, loops 2000A to 2210E.
    """
    return tuple(claim_status_request(transaction) for transaction in transaction_sets(source))


def claim_status_request(transaction: TransactionSet) -> ClaimStatusRequest:
    """Return what one ST asks. **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`."""
    transaction.expect("276")
    place = Place(transaction)
    return place.read(partial(_request, place))


def write_276(requests: Sequence[ClaimStatusRequest], *, envelope: Envelope, first_control_number: int) -> bytes:
    """Return one interchange; each request is an ST, numbered on. **Errors**: `CannotBeWritten`."""

    def write(out: SetWriter, request: ClaimStatusRequest) -> None:
        if not request.sources:
            raise CannotBeWritten("a request asks somebody")
        day, time = f"{envelope.written_at:%Y%m%d}", f"{envelope.written_at:%H%M}"
        out.add("BHT", "0010", "13", identifier(request.reference, length_max=50), day, time)
        tree = HierarchyWriter(out)
        for source in request.sources:
            _write_source(out, tree, source)

    return enclose_each(requests, write, _KIND, envelope=envelope, first_control_number=first_control_number)


def _request(place: Place) -> ClaimStatusRequest:
    heading, topmost = hierarchical_levels(place, HOLDERS)
    return ClaimStatusRequest(
        reference=heading.first("BHT")[3],
        sources=tuple(map(_source, topmost)),
        control_number=place.transaction.control_number,
        raw=place.transaction.raw,
    )


def _source(level: HierarchicalLevel) -> InformationSource:
    return InformationSource(
        entity=read_entity(level.own.first("NM1")),
        receivers=tuple(map(_receiver, level.below())),
        raw=level.own.raw,
    )


def _receiver(level: HierarchicalLevel) -> InformationReceiver:
    return InformationReceiver(
        entity=read_entity(level.own.first("NM1")),
        providers=tuple(map(_provider, level.below())),
        raw=level.own.raw,
    )


def _provider(level: HierarchicalLevel) -> ServiceProvider:
    return ServiceProvider(
        entity=read_entity(level.own.first("NM1")),
        subscribers=tuple(map(_subscriber, level.below())),
        raw=level.own.raw,
    )


def _subscriber(level: HierarchicalLevel) -> Subscriber:
    person, claims = level.own.split("TRN")
    dmg = person.first("DMG")
    return Subscriber(
        birth_on=day_or_none(dmg[2]),
        sex=dmg[3],
        entity=read_entity(person.first("NM1")),
        claims=tuple(map(_claim, claims)),
        dependents=tuple(map(_dependent, level.below())),
        raw=level.own.raw,
    )


def _dependent(level: HierarchicalLevel) -> Dependent:
    person, claims = level.own.split("TRN")
    dmg = person.first("DMG")
    return Dependent(
        birth_on=day_or_none(dmg[2]),
        sex=dmg[3],
        entity=read_entity(person.first("NM1")),
        claims=tuple(map(_claim, claims)),
        raw=level.own.raw,
    )


def _claim(portion: Portion) -> ClaimInquiry:
    own, lines = portion.split("SVC")
    charges = [cents(amt[2]) for amt in own.all("AMT") if amt[1] == _CHARGE]
    return ClaimInquiry(
        trace=read_trace(own.first("TRN")),
        references=read_references(own),
        charge_cents=charges[0] if charges else None,
        periods=read_periods(own),
        lines=tuple(map(_line, lines)),
        raw=portion.raw,
    )


def _line(portion: Portion) -> LineInquiry:
    return LineInquiry(
        service_line=read_service_line(portion),
        references=read_references(portion),
        periods=read_periods(portion),
        raw=portion.raw,
    )


def _write_source(out: SetWriter, tree: HierarchyWriter, source: InformationSource) -> None:
    at_source = tree.add("20", holds=True)
    write_entity(out, source.entity)
    for receiver in source.receivers:
        at_receiver = tree.add("21", under=at_source, holds=True)
        write_entity(out, receiver.entity)
        for provider in receiver.providers:
            at_provider = tree.add("19", under=at_receiver, holds=True)
            write_entity(out, provider.entity)
            for subscriber in provider.subscribers:
                _write_subscriber(out, tree, subscriber, under=at_provider)
            if not provider.subscribers:
                raise CannotBeWritten("a provider asks about somebody")
        if not receiver.providers:
            raise CannotBeWritten("who gets the answer asks for a provider")
    if not source.receivers:
        raise CannotBeWritten("a payer is asked by somebody")


def _write_subscriber(out: SetWriter, tree: HierarchyWriter, subscriber: Subscriber, *, under: int) -> None:
    if not subscriber.claims and not subscriber.dependents:
        raise CannotBeWritten("a claim of a subscriber or of his dependents is asked about")
    at_subscriber = tree.add("22", under=under, holds=bool(subscriber.dependents))
    _write_person(out, subscriber)
    _write_claims(out, subscriber.claims)
    for dependent in subscriber.dependents:
        if not dependent.claims:
            raise CannotBeWritten("a claim of a dependent is asked about")
        tree.add("23", under=at_subscriber, holds=None)
        _write_person(out, dependent)
        _write_claims(out, dependent.claims)


def _write_person(out: SetWriter, person: Subscriber | Dependent) -> None:
    if person.birth_on or person.sex:  # before the name, as in no other guide
        out.add("DMG", "D8" if person.birth_on else "", written_day(person.birth_on), person.sex)
    write_entity(out, person.entity)


def _write_claims(out: SetWriter, claims: Iterable[ClaimInquiry]) -> None:
    for claim in claims:
        write_traces(out, (claim.trace,))
        write_references(out, claim.references)
        if claim.charge_cents is not None:
            out.add("AMT", _CHARGE, amount(claim.charge_cents))
        write_periods(out, claim.periods)
        for line in claim.lines:
            if line.service_line.units is None or not line.periods:
                raise CannotBeWritten("a service line that is asked about has units and days")
            write_service_line(out, line.service_line)
            write_references(out, line.references)
            write_periods(out, line.periods)
