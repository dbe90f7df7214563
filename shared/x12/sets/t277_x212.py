"""277, the answer what became of claims (005010X212): values, `read_277`, `write_277`, `claim_answers`.

It answers a 276 at the level where it can: the receiver, the provider, or claim by claim. It tells a state and posts no
money; that an 835 does. It is another guide than 277CA, which says whether a claim was taken in. Segments that are not
read stay in `raw`. **Source**: 005010X212.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from shared.x12.claim_status import (
    LineStatus,
    StatusInformation,
    read_information,
    read_line_status,
    write_information,
    write_line_status,
)
from shared.x12.hierarchy import HierarchicalLevel, HierarchyWriter, Place, Portion, hierarchical_levels
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.malformed import UnexpectedTransaction
from shared.x12.segments import (
    Contact,
    Entity,
    Period,
    Reference,
    Trace,
    number_of,
    read_contact,
    read_entity,
    read_periods,
    read_references,
    read_trace,
    write_contacts,
    write_entity,
    write_periods,
    write_references,
    write_traces,
)
from shared.x12.sets.t276_x212 import GUIDE, HOLDERS
from shared.x12.tokens import Source
from shared.x12.writer import CannotBeWritten, Envelope, SetKind, SetWriter, enclose_each, identifier

_KIND: Final = SetKind(set_id="277", functional_id="HN", guide=GUIDE)
_ACKNOWLEDGEMENTS: Final = "005010X214"  # the 277 that answers an 837


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """What is said of one claim (2200D, 2200E).

    **Shape**: `trace` is that of the question; `references` REF*1K the payer's number, EJ ours, and others.
    """

    trace: Trace
    information: tuple[StatusInformation, ...]
    references: tuple[Reference, ...] = ()
    periods: tuple[Period, ...] = ()
    lines: tuple[LineStatus, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def payer_control_number(self) -> str:
        """Return the payer's number of the claim (REF*1K), nothing where it has none."""
        return number_of(self.references, "1K")

    @property
    def patient_control_number(self) -> str:
        """Return our number of the claim (REF*EJ), nothing where the payer does not repeat it."""
        return number_of(self.references, "EJ")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredDependent:
    """A patient who is insured through a subscriber (2000E)."""

    entity: Entity
    claims: tuple[ClaimAnswer, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredSubscriber:
    """Whose insurance it is (2000D)."""

    entity: Entity
    claims: tuple[ClaimAnswer, ...] = ()
    dependents: tuple[AnsweredDependent, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredProvider:
    """Whose claims they are (2000C). **Shape**: `information` where nothing can be said of single claims."""

    entity: Entity
    subscribers: tuple[AnsweredSubscriber, ...] = ()
    trace: Trace | None = None
    information: tuple[StatusInformation, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredReceiver:
    """Who had asked (2000B). **Shape**: `information` where the whole question was refused."""

    entity: Entity
    providers: tuple[AnsweredProvider, ...] = ()
    trace: Trace | None = None
    information: tuple[StatusInformation, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringSource:
    """Who answers (2000A): the payer."""

    entity: Entity
    receivers: tuple[AnsweredReceiver, ...]
    contacts: tuple[Contact, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStatusResponse:
    """One ST. **Shape**: `reference` BHT03; `transaction_type` BHT06, DG for a response."""

    reference: str
    sources: tuple[AnsweringSource, ...]
    transaction_type: str = "DG"
    control_number: str = field(default="", compare=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


def claim_answers(response: ClaimStatusResponse) -> Iterator[ClaimAnswer]:
    """Return what is said of each claim, in the order of the file."""
    for source in response.sources:
        for receiver in source.receivers:
            for provider in receiver.providers:
                for subscriber in provider.subscribers:
                    yield from subscriber.claims
                    for dependent in subscriber.dependents:
                        yield from dependent.claims


def read_277(source: Source) -> tuple[ClaimStatusResponse, ...]:
    """Return the answers of a file, one per ST.

    **Shape**: payers, receivers, providers, people and their claims; `claim_answers` walks them. A 277CA is refused.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, and those of the envelope (`parts`).
    **Units**: amounts in cents. **Source**: 005010X212, loops 2000A to 2220E.
    """
    return tuple(claim_status_response(transaction) for transaction in transaction_sets(source))


def claim_status_response(transaction: TransactionSet) -> ClaimStatusResponse:
    """Return what one ST answers. **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`."""
    transaction.expect("277")
    if transaction.guide.startswith(_ACKNOWLEDGEMENTS):
        raise UnexpectedTransaction("this is a 277CA", offset=transaction.offsets[0], segment=transaction.index)
    place = Place(transaction)
    return place.read(partial(_response, place))


def write_277(responses: Sequence[ClaimStatusResponse], *, envelope: Envelope, first_control_number: int) -> bytes:
    """Return one interchange; each answer is an ST, numbered on. **Errors**: `CannotBeWritten`."""

    def write(out: SetWriter, response: ClaimStatusResponse) -> None:
        if not response.sources:
            raise CannotBeWritten("somebody answers")
        day, time = f"{envelope.written_at:%Y%m%d}", f"{envelope.written_at:%H%M}"
        reference = identifier(response.reference, length_max=50)
        out.add("BHT", "0010", "08", reference, day, time, response.transaction_type)
        tree = HierarchyWriter(out)
        for source in response.sources:
            _write_source(out, tree, source)

    return enclose_each(responses, write, _KIND, envelope=envelope, first_control_number=first_control_number)


def _response(place: Place) -> ClaimStatusResponse:
    heading, topmost = hierarchical_levels(place, HOLDERS)
    bht = heading.first("BHT")
    return ClaimStatusResponse(
        reference=bht[3],
        transaction_type=bht[6],
        sources=tuple(map(_source, topmost)),
        control_number=place.transaction.control_number,
        raw=place.transaction.raw,
    )


def _source(level: HierarchicalLevel) -> AnsweringSource:
    return AnsweringSource(
        entity=read_entity(level.own.first("NM1")),
        contacts=tuple(map(read_contact, level.own.all("PER"))),
        receivers=tuple(map(_receiver, level.below())),
        raw=level.own.raw,
    )


def _receiver(level: HierarchicalLevel) -> AnsweredReceiver:
    return AnsweredReceiver(
        entity=read_entity(level.own.first("NM1")),
        trace=_trace(level.own),
        information=read_information(level.own),
        providers=tuple(map(_provider, level.below())),
        raw=level.own.raw,
    )


def _provider(level: HierarchicalLevel) -> AnsweredProvider:
    return AnsweredProvider(
        entity=read_entity(level.own.first("NM1")),
        trace=_trace(level.own),
        information=read_information(level.own),
        subscribers=tuple(map(_subscriber, level.below())),
        raw=level.own.raw,
    )


def _trace(portion: Portion) -> Trace | None:
    return read_trace(portion.first("TRN")) if portion.has("TRN") else None


def _subscriber(level: HierarchicalLevel) -> AnsweredSubscriber:
    person, claims = level.own.split("TRN")
    return AnsweredSubscriber(
        entity=read_entity(person.first("NM1")),
        claims=tuple(map(_claim, claims)),
        dependents=tuple(map(_dependent, level.below())),
        raw=level.own.raw,
    )


def _dependent(level: HierarchicalLevel) -> AnsweredDependent:
    person, claims = level.own.split("TRN")
    return AnsweredDependent(
        entity=read_entity(person.first("NM1")), claims=tuple(map(_claim, claims)), raw=level.own.raw
    )


def _claim(portion: Portion) -> ClaimAnswer:
    own, lines = portion.split("SVC")
    return ClaimAnswer(
        trace=read_trace(own.first("TRN")),
        information=read_information(own),
        references=read_references(own),
        periods=read_periods(own),
        lines=tuple(map(read_line_status, lines)),
        raw=portion.raw,
    )


def _write_source(out: SetWriter, tree: HierarchyWriter, source: AnsweringSource) -> None:
    if not source.receivers:
        raise CannotBeWritten("who answers, answers somebody")
    number = tree.add("20", holds=True)
    write_entity(out, source.entity)
    write_contacts(out, source.contacts)
    for receiver in source.receivers:
        _write_receiver(out, tree, receiver, under=number)


def _write_receiver(out: SetWriter, tree: HierarchyWriter, receiver: AnsweredReceiver, *, under: int) -> None:
    number = tree.add("21", under=under, holds=bool(receiver.providers))
    write_entity(out, receiver.entity)
    _write_own_answer(out, receiver, below=len(receiver.providers))
    for provider in receiver.providers:
        at_provider = tree.add("19", under=number, holds=bool(provider.subscribers))
        write_entity(out, provider.entity)
        _write_own_answer(out, provider, below=len(provider.subscribers))
        for subscriber in provider.subscribers:
            _write_subscriber(out, tree, subscriber, under=at_provider)


def _write_own_answer(out: SetWriter, level: AnsweredReceiver | AnsweredProvider, *, below: int) -> None:
    if bool(level.information) != (level.trace is not None):
        raise CannotBeWritten("a level that is answered has a trace and a status")
    if not level.information and not below:
        raise CannotBeWritten("a level is answered, or what stands below it")
    if level.trace:
        write_traces(out, (level.trace,))
    write_information(out, level.information)


def _write_subscriber(out: SetWriter, tree: HierarchyWriter, subscriber: AnsweredSubscriber, *, under: int) -> None:
    if not subscriber.claims and not subscriber.dependents:
        raise CannotBeWritten("a claim of a subscriber or of his dependents is answered")
    number = tree.add("22", under=under, holds=bool(subscriber.dependents))
    write_entity(out, subscriber.entity)
    _write_claims(out, subscriber.claims)
    for dependent in subscriber.dependents:
        if not dependent.claims:
            raise CannotBeWritten("a claim of a dependent is answered")
        tree.add("23", under=number, holds=None)
        write_entity(out, dependent.entity)
        _write_claims(out, dependent.claims)


def _write_claims(out: SetWriter, claims: Iterable[ClaimAnswer]) -> None:
    for claim in claims:
        if not claim.information:
            raise CannotBeWritten("a claim has at least one status")
        write_traces(out, (claim.trace,))
        write_information(out, claim.information)
        write_references(out, claim.references)
        write_periods(out, claim.periods)
        for line in claim.lines:
            said = line.service_line
            if said.paid_cents is None or said.units is None or not line.periods:
                raise CannotBeWritten("a service line that is answered has what was paid, units and days")
            write_line_status(out, line)
