"""277CA, what a clearinghouse or payer says of each claim before adjudication (005010X214): values, write, read.

A rejection here (A3, A6, A7, A8) never reached adjudication; it is no denial, which comes only in an 835. Several come
per claim. Patients stand outside the values. **Source**: 005010X214; RFI 1808 for REF*1K.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, TypeAlias

from shared.kernel.errors import Malformed
from shared.x12.elements import cents_or_none, count, day_or_none, days
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.malformed import MalformedX12, NotAnX12Value, UnexpectedTransaction
from shared.x12.party import Member
from shared.x12.tokens import Source
from shared.x12.writer import (
    CannotBeWritten,
    Envelope,
    SetWriter,
    amount,
    enclose,
    identifier,
    required,
    sanitize,
    set_control_number,
    written_day,
)

GUIDE: Final = "005010X214"
_PADDING: Final = 14
_STATUS_ANSWERS: Final = ("005010X212", "004010X093")  # the 277 that answers a 276
_TRIPLES: Final = (1, 10, 11)
_RECEIVER_LEVEL: Final = "21"
_PATIENT_LEVELS: Final = frozenset({"PT", "22", "23"})
Level: TypeAlias = Literal["clearinghouse", "payer"]
_ROLES: Final[Mapping[str, Level]] = {"AY": "clearinghouse", "PR": "payer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One triple of an STC. **Shape**: `category` such as A2 or A7, `status` a number, `entity` may be empty."""

    category: str
    status: str
    entity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusInformation:
    """One STC. **Shape**: up to three triples; `action` WQ accepted, U rejected. **Units**: cents."""

    statuses: tuple[Status, ...]
    action: str = ""
    effective_on: date | None = None
    charge_cents: int | None = None
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStatus:
    """What is said of one service (2220D). **Shape**: `line_control_number` is REF*FJ, our REF*6R. **Units**: cents."""

    procedure: str
    charge_cents: int | None
    information: tuple[StatusInformation, ...]
    modifiers: tuple[str, ...] = ()
    line_control_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStatus:
    """What is said of one claim (2200D).

    **Shape**: `patient_control_number` is TRN02, our CLM01; `payer_control_number` REF*1K, to be kept for a later
    replacement; `provider_name` and `provider_npi` are those of the level above.
    """

    patient_control_number: str
    information: tuple[StatusInformation, ...]
    payer_control_number: str = ""
    provider_name: str = ""
    provider_npi: str = ""
    service_from: date | None = None
    service_to: date | None = None
    lines: tuple[LineStatus, ...] = ()
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAcknowledgement:
    """One ST: who speaks, about which batch, and what of each claim.

    **Shape**: `level` says whether a clearinghouse (NM1*AY) or the payer (NM1*PR) speaks, `source_id` who;
    `batch_reference` is the BHT03 of our 837; `information` what is said of the whole batch. Counts and amounts are
    those of the sender, None where not given. **Units**: cents.
    """

    level: Level
    source_name: str
    source_id: str
    reference: str
    receiver_name: str
    receiver_id: str
    batch_reference: str
    information: tuple[StatusInformation, ...]
    claims: tuple[ClaimStatus, ...]
    accepted_count: int | None = None
    rejected_count: int | None = None
    accepted_cents: int | None = None
    rejected_cents: int | None = None
    control_number: str = field(default="", compare=False)
    raw: tuple[str, ...] = field(default=(), compare=False, repr=False)


def read_277ca(source: Source) -> tuple[ClaimAcknowledgement, ...]:
    """Return the acknowledgements of a file, one per ST. **Errors**: as `acknowledgement`, those of the envelope."""
    return tuple(acknowledgement(transaction) for transaction in transaction_sets(source))


def acknowledgement(transaction: TransactionSet) -> ClaimAcknowledgement:
    """Return what one ST says. **Errors**: `UnreadableSegment`, `UnexpectedTransaction`."""
    transaction.expect("277")
    if transaction.guide.startswith(_STATUS_ANSWERS):
        raise UnexpectedTransaction("this is no 277CA", offset=transaction.offsets[0], segment=transaction.index)
    return _Reader(transaction).read()


def write_277ca(
    said: ClaimAcknowledgement,
    *,
    envelope: Envelope,
    transaction_control_number: int,
    patients: Mapping[str, Member] | None = None,
) -> bytes:
    """Return one interchange with one ST.

    **Shape**: consecutive claims of one provider share its level; `patients` by patient control number.
    **Errors**: `CannotBeWritten`.
    """
    out = SetWriter(envelope.separators)
    _write_source(out, said, envelope)
    _write_receiver(out, said)
    level = provider_level = 2
    provider: tuple[str, str] | None = None
    for claim in said.claims:
        if provider != (claim.provider_name, claim.provider_npi):
            provider = (claim.provider_name, claim.provider_npi)
            level += 1
            provider_level = level
            out.add("HL", str(level), "2", "19", "1")
            npi = ("XX", identifier(claim.provider_npi, length_max=80)) if claim.provider_npi else ()
            out.add("NM1", "85", "2", required(claim.provider_name), "", "", "", "", *npi)
        level += 1
        out.add("HL", str(level), str(provider_level), "PT")
        _write_claim(out, claim, (patients or {}).get(claim.patient_control_number))
    number = set_control_number(transaction_control_number)
    return enclose([(("277", number, GUIDE), out)], envelope=envelope, functional_id="HN", guide=GUIDE)


def _write_source(out: SetWriter, said: ClaimAcknowledgement, envelope: Envelope) -> None:
    role = next(role for role, level in _ROLES.items() if level == said.level)
    qualifier = "46" if role == "AY" else "PI"
    day, reference = f"{envelope.written_at:%Y%m%d}", identifier(said.reference, length_max=50)
    out.add("BHT", "0085", "08", reference, day, f"{envelope.written_at:%H%M}", "TH")
    out.add("HL", "1", "", "20", "1")
    source_id = identifier(said.source_id, length_max=80)
    out.add("NM1", role, "2", required(said.source_name), "", "", "", "", qualifier, source_id)
    out.add("TRN", "1", reference)
    out.add("DTP", "050", "D8", day)
    out.add("DTP", "009", "D8", day)


def _write_receiver(out: SetWriter, said: ClaimAcknowledgement) -> None:
    out.add("HL", "2", "1", "21", "1" if said.claims else "0")
    receiver_id = identifier(said.receiver_id, length_max=80)
    out.add("NM1", "41", "2", required(said.receiver_name), "", "", "", "", "46", receiver_id)
    out.add("TRN", "2", identifier(said.batch_reference, length_max=50))
    for information in said.information:
        _write_information(out, information)
    for qualifier, number in (("90", said.accepted_count), ("AA", said.rejected_count)):
        if number is not None:
            out.add("QTY", qualifier, str(number))
    for qualifier, cents in (("YU", said.accepted_cents), ("YY", said.rejected_cents)):
        if cents is not None:
            out.add("AMT", qualifier, amount(cents))


def _write_claim(out: SetWriter, claim: ClaimStatus, patient: Member | None) -> None:
    if not claim.information:
        raise CannotBeWritten("a claim has at least one status")
    name = patient.name if patient else None
    names = (required(name.last_name), sanitize(name.first_name, length_max=35)) if name else ("", "")
    member_id = ("MI", identifier(patient.member_id, length_max=80)) if patient and patient.member_id else ()
    out.add("NM1", "QC", "1", *names, "", "", "", *member_id)
    out.add("TRN", "2", identifier(claim.patient_control_number, length_max=50))
    for information in claim.information:
        _write_information(out, information)
    if claim.payer_control_number:
        out.add("REF", "1K", identifier(claim.payer_control_number, length_max=50))
    first, last = written_day(claim.service_from), written_day(claim.service_to)
    if first:
        out.add("DTP", "472", *(("D8", first) if first == last else ("RD8", f"{first}-{last}")))
    for line in claim.lines:
        charge = amount(line.charge_cents) if line.charge_cents is not None else ""
        out.add("SVC", ("HC", line.procedure, *line.modifiers), charge)
        for information in line.information:
            _write_information(out, information)
        if line.line_control_number:
            out.add("REF", "FJ", identifier(line.line_control_number, length_max=50))


def _write_information(out: SetWriter, information: StatusInformation) -> None:
    triples = [(status.category, status.status, status.entity) for status in information.statuses]
    if not 1 <= len(triples) <= len(_TRIPLES):
        raise CannotBeWritten("a status has one to three triples")
    charge = amount(information.charge_cents) if information.charge_cents is not None else ""
    out.add(
        "STC",
        triples[0],
        written_day(information.effective_on),
        information.action,
        charge,
        *[""] * 5,
        *triples[1:],
        *[""] * (len(_TRIPLES) - len(triples)),
        sanitize(information.text, length_max=264),
    )


class _Draft:
    """A claim or a service while its segments are read."""

    __slots__ = ("at", "days", "elements", "information", "lines", "number")

    def __init__(self, elements: list[str], at: int) -> None:
        self.elements = elements
        self.at = at
        self.information: list[StatusInformation] = []
        self.lines: list[LineStatus] = []
        self.days: tuple[date | None, date | None] = (None, None)
        self.number = ""


class _Reader:
    """Which level is open while the segments are read. **Shape**: `_at` counts them from 0."""

    __slots__ = (
        "_at", "_claim", "_claims", "_component", "_information", "_level", "_line", "_names", "_set", "_totals",
        "_traces",
    )  # fmt: skip

    def __init__(self, transaction: TransactionSet) -> None:
        self._set = transaction
        self._component = transaction.separators.component
        self._level = ""
        self._names: dict[str, list[str]] = {}
        self._traces: dict[str, str] = {}
        self._totals: dict[str, int | None] = {}
        self._information: list[StatusInformation] = []
        self._claims: list[ClaimStatus] = []
        self._claim: _Draft | None = None
        self._line: _Draft | None = None
        self._at = 0

    def read(self) -> ClaimAcknowledgement:
        """Return the whole."""
        element = self._set.separators.element
        try:
            for at, raw in enumerate(self._set.raw):
                self._at = at
                self._read_segment((raw + element * _PADDING).split(element))
            return self._finished()
        except MalformedX12:
            raise
        except Malformed as error:
            raise self._set.unreadable(self._at, str(error)) from None

    def _read_segment(self, e: list[str]) -> None:
        match e[0]:
            case "HL" | "SE":
                self._close_claim()
                self._level = e[3] if e[0] == "HL" else ""
            case "BHT":
                self._traces["BHT"] = e[3]
            case "NM1":
                self._names[e[1]] = e
            case "TRN":
                self._read_trn(e)
            case "STC":
                self._read_stc(e)
            case "SVC" if self._claim is not None:
                self._close_line()
                self._line = _Draft(e, self._at)
            case "REF" | "DTP" | "QTY" | "AMT":
                self._read_detail(e)
            case _:
                pass  # ST, and what a later version may add: it stays in `raw`

    def _read_trn(self, e: list[str]) -> None:
        if self._level in _PATIENT_LEVELS:
            self._close_claim()
            self._claim = _Draft(e, self._at)
        else:
            self._traces[self._level] = e[2]

    def _read_stc(self, e: list[str]) -> None:
        found = StatusInformation(
            statuses=tuple(self._triple(e[at]) for at in _TRIPLES if e[at]),
            effective_on=day_or_none(e[2]),
            action=e[3],
            charge_cents=cents_or_none(e[4]),
            text=e[12],
        )
        draft = self._line or self._claim
        if draft is not None:
            draft.information.append(found)
        elif self._level == _RECEIVER_LEVEL:
            self._information.append(found)

    def _triple(self, composite: str) -> Status:
        category, status, entity, *_ = (composite + self._component * 3).split(self._component)
        return Status(category=category, status=status, entity=entity)

    def _read_detail(self, e: list[str]) -> None:
        if e[0] == "REF":
            draft, qualifier = (self._line, "FJ") if self._line else (self._claim, "1K")
            if draft is not None and e[1] == qualifier:
                draft.number = e[2]
        elif e[0] == "DTP":
            if e[1] == "472" and self._claim is not None and self._line is None:
                self._claim.days = days(e[2], e[3])
        elif self._level == _RECEIVER_LEVEL:
            self._totals[e[1]] = count(e[2]) if e[0] == "QTY" else cents_or_none(e[2])

    def _close_line(self) -> None:
        if self._line is None or self._claim is None:
            return
        e = self._line.elements
        code = (e[1] + self._component * 6).split(self._component)
        self._claim.lines.append(
            LineStatus(
                procedure=code[1],
                modifiers=tuple(filter(None, code[2:6])),
                charge_cents=cents_or_none(e[2]),
                information=tuple(self._line.information),
                line_control_number=self._line.number,
            )
        )
        self._line = None

    def _close_claim(self) -> None:
        self._close_line()
        if self._claim is None:
            return
        draft, provider = self._claim, self._names.get("85", [""] * _PADDING)
        self._claims.append(
            ClaimStatus(
                patient_control_number=draft.elements[2],
                payer_control_number=draft.number,
                information=tuple(draft.information),
                provider_name=provider[3],
                provider_npi=provider[9] if provider[8] == "XX" else "",
                service_from=draft.days[0],
                service_to=draft.days[1],
                lines=tuple(draft.lines),
                raw=self._set.raw[draft.at : self._at],
            )
        )
        self._claim = None

    def _finished(self) -> ClaimAcknowledgement:
        role = next((role for role in _ROLES if role in self._names), None)
        if role is None:
            raise NotAnX12Value("a claim acknowledgement has a source: a clearinghouse or a payer")
        source, receiver = self._names[role], self._names.get("41", [""] * _PADDING)
        return ClaimAcknowledgement(
            level=_ROLES[role],
            source_name=source[3],
            source_id=source[9],
            reference=self._traces.get("BHT", ""),
            receiver_name=receiver[3],
            receiver_id=receiver[9],
            batch_reference=self._traces.get(_RECEIVER_LEVEL, ""),
            information=tuple(self._information),
            claims=tuple(self._claims),
            accepted_count=self._totals.get("90"),
            rejected_count=self._totals.get("AA"),
            accepted_cents=self._totals.get("YU"),
            rejected_cents=self._totals.get("YY"),
            control_number=self._set.control_number,
            raw=self._set.raw,
        )
