"""270, the question whether somebody is insured (005010X279A1): values, `write_270`, `read_270`, `people`.

A set asks one payer or more, for one provider or more, about any number of people; several sets go into one file. Who
is meant (2100C, 2100D) has the same form in the answer and is read and written here for both. Segments that are not
read stay in `raw`. **Source**: 005010X279A1. Next: `t271_x279a1` for the answer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final

from shared.x12.elements import cents, count, day_or_none
from shared.x12.hierarchy import HierarchicalLevel, HierarchyWriter, Place, Portion, hierarchical_levels
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.party import Address
from shared.x12.segments import (
    Diagnosis,
    Entity,
    Period,
    Procedure,
    ProviderRole,
    Reference,
    Trace,
    read_address,
    read_entity,
    read_periods,
    read_procedure,
    read_provider_role,
    read_references,
    read_traces,
    write_address,
    write_entity,
    write_periods,
    write_provider_role,
    write_references,
    write_traces,
    written_procedure,
)
from shared.x12.tokens import Source
from shared.x12.writer import (
    CannotBeWritten,
    Envelope,
    Repeated,
    SetKind,
    SetWriter,
    amount,
    enclose_each,
    identifier,
    written_day,
)

GUIDE: Final = "005010X279A1"
_KIND: Final = SetKind(set_id="270", functional_id="HS", guide=GUIDE)
HOLDERS: Final = {"20": "", "21": "20", "22": "21", "23": "22"}
"""Payer, provider, subscriber, dependent: which level stands under which."""
_DIAGNOSES_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How somebody belongs to the insured (INS). **Shape**: `relationship` INS02, 18 for the subscriber himself."""

    relationship: str
    maintenance_type: str = ""
    maintenance_reason: str = ""
    birth_sequence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Individual:
    """Who is asked about (2100C, 2100D).

    **Shape**: `entity` is IL for a subscriber, 03 for a dependent; `provider` who treats them; `periods` such as
    DTP*291, the days that are asked about, None given means today.
    """

    entity: Entity
    birth_on: date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)
    address: Address | None = field(default=None, repr=False)
    references: tuple[Reference, ...] = ()
    provider: ProviderRole | None = None
    relation: Relation | None = None
    diagnoses: tuple[Diagnosis, ...] = field(default=(), repr=False)
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitInquiry:
    """What is asked about benefits (EQ and its loop, 2110C, 2110D).

    **Shape**: `service_types` such as 30, or a `procedure`; `diagnosis_pointers` count the diagnoses of the individual
    from 1; `amounts` as (qualifier, cents); `facility_types` as (III01, III02). **Units**: cents.
    """

    service_types: tuple[str, ...] = ()
    procedure: Procedure | None = None
    coverage_level: str = ""
    insurance_type: str = ""
    diagnosis_pointers: tuple[str, ...] = ()
    amounts: tuple[tuple[str, int], ...] = ()
    facility_types: tuple[tuple[str, str], ...] = ()
    references: tuple[Reference, ...] = ()
    periods: tuple[Period, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """Somebody who is insured through a subscriber, and what is asked about him (2000D)."""

    individual: Individual
    inquiries: tuple[BenefitInquiry, ...] = ()
    traces: tuple[Trace, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whose insurance it is (2000C). **Shape**: `inquiries` where he is the patient himself, else `dependents`."""

    individual: Individual
    inquiries: tuple[BenefitInquiry, ...] = ()
    dependents: tuple[Dependent, ...] = ()
    traces: tuple[Trace, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationReceiver:
    """Who asks (2000B): a provider by its NPI, mostly."""

    entity: Entity
    subscribers: tuple[Subscriber, ...]
    references: tuple[Reference, ...] = ()
    address: Address | None = None
    provider: ProviderRole | None = None
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationSource:
    """Who is asked (2000A): the payer."""

    entity: Entity
    receivers: tuple[InformationReceiver, ...]
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityRequest:
    """One ST. **Shape**: `reference` BHT03; `purpose` BHT02, 13 asks, 01 cancels."""

    reference: str
    sources: tuple[InformationSource, ...]
    purpose: str = "13"
    transaction_type: str = ""
    control_number: str = field(default="", compare=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


def people(request: EligibilityRequest) -> Iterator[Subscriber | Dependent]:
    """Return everybody about whom something is asked, in the order of the file."""
    for source in request.sources:
        for receiver in source.receivers:
            for subscriber in receiver.subscribers:
                if subscriber.inquiries:
                    yield subscriber
                yield from subscriber.dependents


def read_270(source: Source) -> tuple[EligibilityRequest, ...]:
    """Return the questions of a file, one per ST.

    **Shape**: payers, for each its providers, for each their people and what is asked about them.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, and those of the envelope (`parts`).
    **Units**: amounts in cents. **Source**: 005010X279A1, loops 2000A to 2110D.
    """
    return tuple(eligibility_request(transaction) for transaction in transaction_sets(source))


def eligibility_request(transaction: TransactionSet) -> EligibilityRequest:
    """Return what one ST asks. **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`."""
    transaction.expect("270")
    place = Place(transaction)
    return place.read(partial(_request, place))


def write_270(requests: Sequence[EligibilityRequest], *, envelope: Envelope, first_control_number: int) -> bytes:
    """Return one interchange; each request is an ST, numbered on. **Errors**: `CannotBeWritten`."""

    def write(out: SetWriter, request: EligibilityRequest) -> None:
        if not request.sources:
            raise CannotBeWritten("a request asks somebody")
        write_heading(out, request.purpose, request.reference, request.transaction_type, envelope)
        _write_sources(out, request.sources)

    return enclose_each(requests, write, _KIND, envelope=envelope, first_control_number=first_control_number)


def _request(place: Place) -> EligibilityRequest:
    heading, topmost = hierarchical_levels(place, HOLDERS)
    bht = heading.first("BHT")
    return EligibilityRequest(
        reference=bht[3],
        purpose=bht[2],
        transaction_type=bht[6],
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
        references=read_references(level.own),
        address=read_address(level.own),
        provider=read_provider_role(level.own.first("PRV")),
        subscribers=tuple(map(_subscriber, level.below())),
        raw=level.own.raw,
    )


def _subscriber(level: HierarchicalLevel) -> Subscriber:
    person, inquiries = level.own.split("EQ")
    return Subscriber(
        traces=read_traces(person),
        individual=read_individual(person),
        inquiries=tuple(map(_inquiry, inquiries)),
        dependents=tuple(map(_dependent, level.below())),
        raw=level.own.raw,
    )


def _dependent(level: HierarchicalLevel) -> Dependent:
    person, inquiries = level.own.split("EQ")
    return Dependent(
        traces=read_traces(person),
        individual=read_individual(person),
        inquiries=tuple(map(_inquiry, inquiries)),
        raw=level.own.raw,
    )


def _inquiry(portion: Portion) -> BenefitInquiry:
    eq = portion.first("EQ")
    return BenefitInquiry(
        service_types=portion.repeated(eq[1]),
        procedure=read_procedure(portion.components(eq[2])),
        coverage_level=eq[3],
        insurance_type=eq[4],
        diagnosis_pointers=tuple(filter(None, portion.components(eq[5]))),
        amounts=tuple((amt[1], cents(amt[2])) for amt in portion.all("AMT")),
        facility_types=tuple((iii[1], iii[2]) for iii in portion.all("III")),
        references=read_references(portion),
        periods=read_periods(portion),
        raw=portion.raw,
    )


def read_individual(portion: Portion) -> Individual:
    """Return who a level is about, from what stands before its first EQ or EB. **Errors**: `NotAnX12Value`."""
    dmg = portion.first("DMG")
    return Individual(
        birth_on=day_or_none(dmg[2]),
        sex=dmg[3],
        entity=read_entity(portion.first("NM1")),
        references=read_references(portion),
        address=read_address(portion),
        provider=read_provider_role(portion.first("PRV")),
        relation=_relation(portion.first("INS")),
        diagnoses=_diagnoses(portion),
        periods=read_periods(portion),
    )


def _relation(ins: Sequence[str]) -> Relation | None:
    if not ins[0]:
        return None
    return Relation(
        relationship=ins[2],
        maintenance_type=ins[3],
        maintenance_reason=ins[4],
        birth_sequence=count(ins[17]) if ins[17] else None,
    )


def _diagnoses(portion: Portion) -> tuple[Diagnosis, ...]:
    parts = (portion.components(composite) for composite in portion.first("HI")[1:] if composite)
    return tuple(Diagnosis(qualifier=qualifier, code=code) for qualifier, code, *_ in parts)


def write_heading(out: SetWriter, purpose: str, reference: str, transaction_type: str, envelope: Envelope) -> None:
    """Append the BHT of a 270 or 271."""
    day, time = f"{envelope.written_at:%Y%m%d}", f"{envelope.written_at:%H%M}"
    out.add("BHT", "0022", purpose, identifier(reference, length_max=50), day, time, transaction_type)


def _write_sources(out: SetWriter, sources: Iterable[InformationSource]) -> None:
    tree = HierarchyWriter(out)
    for source in sources:
        at_source = tree.add("20", holds=True)
        write_entity(out, source.entity)
        for receiver in source.receivers:
            at_receiver = tree.add("21", under=at_source, holds=True)
            write_entity(out, receiver.entity)
            write_references(out, receiver.references)
            write_address(out, receiver.address)
            write_provider_role(out, receiver.provider)
            for subscriber in receiver.subscribers:
                _write_subscriber(out, tree, subscriber, under=at_receiver)
            if not receiver.subscribers:
                raise CannotBeWritten("who asks, asks about somebody")
        if not source.receivers:
            raise CannotBeWritten("a payer is asked by somebody")


def _write_subscriber(out: SetWriter, tree: HierarchyWriter, subscriber: Subscriber, *, under: int) -> None:
    if not subscriber.inquiries and not subscriber.dependents:
        raise CannotBeWritten("something is asked about a subscriber or his dependents")
    at_subscriber = tree.add("22", under=under, holds=bool(subscriber.dependents))
    write_traces(out, subscriber.traces)
    write_individual(out, subscriber.individual, is_subscriber=True)
    _write_inquiries(out, subscriber.inquiries)
    for dependent in subscriber.dependents:
        if not dependent.inquiries:
            raise CannotBeWritten("something is asked about a dependent")
        tree.add("23", under=at_subscriber, holds=False)
        write_traces(out, dependent.traces)
        write_individual(out, dependent.individual, is_subscriber=False)
        _write_inquiries(out, dependent.inquiries)


def _write_inquiries(out: SetWriter, inquiries: Iterable[BenefitInquiry]) -> None:
    for inquiry in inquiries:
        if not inquiry.service_types and not inquiry.procedure:
            raise CannotBeWritten("an inquiry names service types or a procedure")
        out.add(
            "EQ",
            Repeated(inquiry.service_types),
            written_procedure(inquiry.procedure),
            inquiry.coverage_level,
            inquiry.insurance_type,
            inquiry.diagnosis_pointers,
        )
        for qualifier, in_cents in inquiry.amounts:
            out.add("AMT", qualifier, amount(in_cents))
        for qualifier, code in inquiry.facility_types:
            out.add("III", qualifier, code)
        write_references(out, inquiry.references)
        write_periods(out, inquiry.periods)


def write_individual(
    out: SetWriter, individual: Individual, *, is_subscriber: bool, rejections: Iterable[tuple[str, ...]] = ()
) -> None:
    """Append who is meant. **Shape**: `rejections` are the elements of the AAA that an answer has between them."""
    if individual.entity.role != ("IL" if is_subscriber else "03"):
        raise CannotBeWritten("a subscriber is named as IL, a dependent as 03")
    write_entity(out, individual.entity)
    write_references(out, individual.references)
    write_address(out, individual.address)
    for rejection in rejections:
        out.add("AAA", *rejection)
    write_provider_role(out, individual.provider)
    if individual.birth_on or individual.sex:
        out.add("DMG", "D8" if individual.birth_on else "", written_day(individual.birth_on), individual.sex)
    if individual.relation:
        _write_relation(out, individual.relation, is_subscriber=is_subscriber)
    if len(individual.diagnoses) > _DIAGNOSES_MAX:
        raise CannotBeWritten("an individual has at most eight diagnoses here")
    if individual.diagnoses:
        out.add("HI", *((each.qualifier, identifier(each.code, length_max=30)) for each in individual.diagnoses))
    write_periods(out, individual.periods)


def _write_relation(out: SetWriter, relation: Relation, *, is_subscriber: bool) -> None:
    sequence = "" if relation.birth_sequence is None else str(relation.birth_sequence)
    kinds = (relation.relationship, relation.maintenance_type, relation.maintenance_reason)
    out.add("INS", "Y" if is_subscriber else "N", *kinds, *[""] * 12, sequence)
