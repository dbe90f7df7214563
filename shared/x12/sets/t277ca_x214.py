"""277CA, what a clearinghouse or payer says of each claim before adjudication (005010X214): values, write, read.

A rejection here (A3, A6, A7, A8) never reached adjudication; it is no denial, which comes only in an 835. Several come
per claim. Patients stand outside the values. **Source**: 005010X214; RFI 1808 for REF*1K.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final, Literal, TypeAlias

from shared.x12.claim_status import (
    LineStatus,
    Status,
    StatusInformation,
    read_information,
    read_line_status,
    write_information,
    write_line_status,
)
from shared.x12.elements import cents, count
from shared.x12.hierarchy import HierarchicalLevel, HierarchyWriter, Place, Portion, hierarchical_levels
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.malformed import NotAnX12Value, UnexpectedTransaction
from shared.x12.party import Member
from shared.x12.segments import (
    Entity,
    Period,
    Reference,
    Trace,
    read_entity,
    read_periods,
    read_references,
    read_traces,
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
    required,
    sanitize,
    written_day,
)

__all__ = [
    "BilledProvider",
    "ClaimAcknowledgement",
    "ClaimStatus",
    "LineStatus",
    "Status",
    "StatusInformation",
    "Totals",
    "acknowledgement",
    "read_277ca",
    "write_277ca",
]
GUIDE: Final = "005010X214"
_KIND: Final = SetKind(set_id="277", functional_id="HN", guide=GUIDE)
_STATUS_ANSWERS: Final = ("005010X212", "004010X093")  # the 277 that answers a 276
_HOLDERS: Final = {"20": "", "21": "20", "19": "21", "PT": "19", "22": "19", "23": "22"}
"""Source, receiver, provider, patient; some send subscriber and dependent where the guide has the patient alone."""
_SERVICE_DAYS: Final = "472"
_RECEIVED: Final = "050"
_PROCESSED: Final = "009"
_PAYER_NUMBER: Final = "1K"
Level: TypeAlias = Literal["clearinghouse", "payer"]
_ROLES: Final[Mapping[str, Level]] = {"AY": "clearinghouse", "PR": "payer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How much was taken and sent back (QTY, AMT), as the sender counts. **Shape**: by qualifier. **Units**: cents."""

    counts: tuple[tuple[str, int], ...] = ()
    amounts_cents: tuple[tuple[str, int], ...] = ()

    @property
    def accepted_count(self) -> int | None:
        """Return how many claims were taken, None where nobody says."""
        return next((number for kind, number in self.counts if kind in {"90", "QA"}), None)

    @property
    def rejected_count(self) -> int | None:
        """Return how many claims were sent back, None where nobody says."""
        return next((number for kind, number in self.counts if kind in {"AA", "QC"}), None)

    @property
    def accepted_cents(self) -> int | None:
        """Return the charges of what was taken, None where nobody says. **Units**: cents."""
        return next((money for kind, money in self.amounts_cents if kind == "YU"), None)

    @property
    def rejected_cents(self) -> int | None:
        """Return the charges of what was sent back, None where nobody says. **Units**: cents."""
        return next((money for kind, money in self.amounts_cents if kind == "YY"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStatus:
    """What is said of one claim (2200D).

    **Shape**: `patient_control_number` is TRN02, our CLM01; `payer_control_number` REF*1K, to be kept for a later
    replacement; `references` the others, D9 of the clearinghouse or BLT; days are inclusive.
    """

    patient_control_number: str
    information: tuple[StatusInformation, ...]
    payer_control_number: str = ""
    references: tuple[Reference, ...] = ()
    service_from: date | None = None
    service_to: date | None = None
    lines: tuple[LineStatus, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledProvider:
    """Whose claims they are (2000C), and what is said of the provider (2200C), as of one whom nobody knows."""

    entity: Entity
    claims: tuple[ClaimStatus, ...] = ()
    trace: Trace | None = None
    information: tuple[StatusInformation, ...] = ()
    references: tuple[Reference, ...] = ()
    totals: Totals = Totals()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAcknowledgement:
    """One ST: who speaks, about which batch, and what of each claim.

    **Shape**: `level` says whether a clearinghouse (NM1*AY) or the payer (NM1*PR) speaks, `source` who; `reference` is
    BHT03, `receipt_number` TRN02 where it is another; `batch_reference` is the BHT03 of our 837; `information` what is
    said of the whole batch; without days, those of writing are meant.
    """

    level: Level
    source: Entity
    reference: str
    receiver: Entity
    batch_reference: str
    providers: tuple[BilledProvider, ...] = ()
    information: tuple[StatusInformation, ...] = ()
    totals: Totals = Totals()
    receipt_number: str = ""
    received_on: date | None = None
    processed_on: date | None = None
    control_number: str = field(default="", compare=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def claims(self) -> tuple[ClaimStatus, ...]:
        """Return the claims of all providers, in the order of the file."""
        return tuple(claim for provider in self.providers for claim in provider.claims)


def read_277ca(source: Source) -> tuple[ClaimAcknowledgement, ...]:
    """Return the acknowledgements of a file, one per ST.

    **Shape**: who speaks of which batch, its providers and their claims. A 277 that answers a 276 is refused.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, and those of the envelope (`parts`).
    **Units**: amounts in cents. **Source**: 005010X214, loops 2000A to 2220D; RFI 1808 for REF*1K.
    """
    return tuple(acknowledgement(transaction) for transaction in transaction_sets(source))


def acknowledgement(transaction: TransactionSet) -> ClaimAcknowledgement:
    """Return what one ST says. **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`."""
    transaction.expect("277")
    if transaction.guide.startswith(_STATUS_ANSWERS):
        raise UnexpectedTransaction("this is no 277CA", offset=transaction.offsets[0], segment=transaction.index)
    place = Place(transaction)
    return place.read(partial(_acknowledgement, place))


def write_277ca(
    acknowledgements: Sequence[ClaimAcknowledgement],
    *,
    envelope: Envelope,
    first_control_number: int,
    patients: Mapping[str, Member] | None = None,
) -> bytes:
    """Return one interchange; each acknowledgement is an ST, numbered on.

    **Shape**: `patients` by patient control number. **Errors**: `CannotBeWritten`.
    """

    def write(out: SetWriter, said: ClaimAcknowledgement) -> None:
        tree = HierarchyWriter(out)
        _write_source(out, tree, said, envelope)
        at_receiver = _write_receiver(out, tree, said)
        for provider in said.providers:
            _write_provider(out, tree, provider, patients or {}, under=at_receiver)

    return enclose_each(acknowledgements, write, _KIND, envelope=envelope, first_control_number=first_control_number)


def _acknowledgement(place: Place) -> ClaimAcknowledgement:
    heading, sources = hierarchical_levels(place, _HOLDERS)
    reference = heading.first("BHT")[3]
    receivers = [receiver for source in sources for receiver in source.below()]
    if len(sources) != 1 or len(receivers) != 1:
        raise place.transaction.misplaced(sources[-1].at, "an acknowledgement has one source and one receiver")
    own, receiver = sources[0].own, receivers[0]
    days = {period.qualifier: period.first for period in read_periods(own)}
    source = read_entity(own.first("NM1"))
    if source.role not in _ROLES:
        raise NotAnX12Value("a claim acknowledgement has a source: a clearinghouse or a payer")
    receipt_number = own.first("TRN")[2]
    return ClaimAcknowledgement(
        level=_ROLES[source.role],
        source=source,
        reference=reference,
        receipt_number="" if receipt_number == reference else receipt_number,
        received_on=days.get(_RECEIVED),
        processed_on=days.get(_PROCESSED),
        receiver=read_entity(receiver.own.first("NM1")),
        batch_reference=receiver.own.first("TRN")[2],
        information=read_information(receiver.own),
        totals=_totals(receiver.own),
        providers=tuple(map(_provider, receiver.below())),
        control_number=place.transaction.control_number,
        raw=place.transaction.raw,
    )


def _totals(portion: Portion) -> Totals:
    return Totals(
        counts=tuple((qty[1], count(qty[2])) for qty in portion.all("QTY")),
        amounts_cents=tuple((amt[1], cents(amt[2])) for amt in portion.all("AMT")),
    )


def _provider(level: HierarchicalLevel) -> BilledProvider:
    return BilledProvider(
        entity=read_entity(level.own.first("NM1")),
        trace=next(iter(read_traces(level.own)), None),
        information=read_information(level.own),
        references=read_references(level.own),
        totals=_totals(level.own),
        claims=tuple(claim for patient in level.below() for claim in _claims(patient)),
        raw=level.own.raw,
    )


def _claims(patient: HierarchicalLevel) -> Iterator[ClaimStatus]:
    _, claims = patient.own.split("TRN")
    yield from map(_claim, claims)
    for dependent in patient.below():
        yield from _claims(dependent)


def _claim(portion: Portion) -> ClaimStatus:
    own, lines = portion.split("SVC")
    references = read_references(own)
    payer_numbers = [reference for reference in references if reference.qualifier == _PAYER_NUMBER]
    days = next((period for period in read_periods(own) if period.qualifier == _SERVICE_DAYS), None)
    return ClaimStatus(
        patient_control_number=own.first("TRN")[2],
        information=read_information(own),
        payer_control_number=payer_numbers[0].number if payer_numbers else "",
        references=tuple(reference for reference in references if reference not in payer_numbers[:1]),
        service_from=days.first if days else None,
        service_to=days.last if days else None,
        lines=tuple(map(read_line_status, lines)),
        raw=portion.raw,
    )


def _write_source(out: SetWriter, tree: HierarchyWriter, said: ClaimAcknowledgement, envelope: Envelope) -> None:
    if _ROLES.get(said.source.role) != said.level:
        raise CannotBeWritten("a clearinghouse is named as AY, a payer as PR")
    today = f"{envelope.written_at:%Y%m%d}"
    reference = identifier(said.reference, length_max=50)
    out.add("BHT", "0085", "08", reference, today, f"{envelope.written_at:%H%M}", "TH")
    tree.add("20", holds=True)
    write_entity(out, said.source)
    out.add("TRN", "1", identifier(said.receipt_number or said.reference, length_max=50))
    out.add("DTP", _RECEIVED, "D8", written_day(said.received_on) or today)
    out.add("DTP", _PROCESSED, "D8", written_day(said.processed_on) or today)


def _write_receiver(out: SetWriter, tree: HierarchyWriter, said: ClaimAcknowledgement) -> int:
    number = tree.add("21", under=1, holds=bool(said.providers))
    write_entity(out, said.receiver)
    out.add("TRN", "2", identifier(said.batch_reference, length_max=50))
    write_information(out, said.information)
    _write_totals(out, said.totals)
    return number


def _write_totals(out: SetWriter, totals: Totals) -> None:
    for qualifier, number in totals.counts:
        out.add("QTY", qualifier, str(number))
    for qualifier, money in totals.amounts_cents:
        out.add("AMT", qualifier, amount(money))


def _write_provider(
    out: SetWriter, tree: HierarchyWriter, provider: BilledProvider, patients: Mapping[str, Member], *, under: int
) -> None:
    if not provider.claims and not provider.information:
        raise CannotBeWritten("a provider has a status, or a claim of his has")
    number = tree.add("19", under=under, holds=bool(provider.claims))
    write_entity(out, provider.entity)
    if provider.trace:
        write_traces(out, (provider.trace,))
    write_information(out, provider.information)
    write_references(out, provider.references)
    _write_totals(out, provider.totals)
    for claim in provider.claims:
        tree.add("PT", under=number, holds=None)
        _write_claim(out, claim, patients.get(claim.patient_control_number))


def _write_claim(out: SetWriter, claim: ClaimStatus, patient: Member | None) -> None:
    if not claim.information:
        raise CannotBeWritten("a claim has at least one status")
    name = patient.name if patient else None
    names = (required(name.last_name), sanitize(name.first_name, length_max=35)) if name else ("", "")
    member_id = ("MI", identifier(patient.member_id, length_max=80)) if patient and patient.member_id else ()
    out.add("NM1", "QC", "1", *names, "", "", "", *member_id)
    out.add("TRN", "2", identifier(claim.patient_control_number, length_max=50))
    write_information(out, claim.information)
    if claim.payer_control_number:
        out.add("REF", _PAYER_NUMBER, identifier(claim.payer_control_number, length_max=50))
    write_references(out, claim.references)
    if claim.service_from:
        days = Period(qualifier=_SERVICE_DAYS, first=claim.service_from, last=claim.service_to or claim.service_from)
        write_periods(out, (days,))
    for line in claim.lines:
        write_line_status(out, line)
