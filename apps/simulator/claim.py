"""A claim as the payer reads it: the simulator's own reader of the 837P, and its own words for what stands there.

Owns: 005010X222A1 in, as far as a payer needs it to answer and pay. Shares only the tokenizer, the envelopes and the
types of elements with the services, so that a claim that is written wrongly is not read wrongly in the same way.
Refuses: to mend; what is missing is named by its segment, and goes back in a 999.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from shared.kernel.errors import Malformed, Rejected
from shared.x12.elements import cents, days, quantity, written_quantity
from shared.x12.interchange import TransactionSet
from shared.x12.malformed import NotAnX12Value
from shared.x12.separators import Separators

_MISSING: Final = "3"  # IK304: a required segment is missing
_WRONG: Final = "8"  # IK304: an element of the segment is wrong
_WIDEST: Final = 18
_QUALIFIERS: Final = ("HC", "ER", "IV", "WK")
_MODIFIERS: Final = slice(2, 6)


class NotAClaimFile(Malformed):
    """A set cannot be read as professional claims. **Shape**: where, as a 999 says it (IK301, IK302, IK304)."""

    slug = "simulator-not-a-claim-file"

    def __init__(self, segment_id: str, position: int, code: str) -> None:
        super().__init__("a transaction set cannot be read as professional claims")
        self.segment_id = segment_id
        self.position = position
        self.code = code


@dataclass(frozen=True, slots=True)
class Named:
    """A person or an organization (NM1): family name, given name, number."""

    family: str = ""
    given: str = ""
    number: str = ""


@dataclass(slots=True)
class Billed:
    """One service line as it was billed. **Units**: cents; `units` stay the text that was sent."""

    number: str
    procedure: tuple[str, ...]
    charge_cents: int
    units: str
    from_on: date | None = None
    to_on: date | None = None
    control_number: str = ""
    pointers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is to be paid (2010AA)."""

    name: str
    npi: str
    tax_id: str


@dataclass(slots=True)
class Claim:
    """One claim with the parties above it in the tree. **Units**: cents."""

    number: str
    charge_cents: int
    place_of_service: str
    frequency: str
    payee: Payee
    payer: Named
    subscriber: Named
    patient: Named | None
    filing_indicator: str
    position: int
    rendering: Named | None = None
    lines: list[Billed] = field(default_factory=list)


@dataclass(slots=True)
class ClaimFile:
    """The claims of one ST. **Shape**: `reference` is BHT03, `submitter` 1000A."""

    control_number: str
    reference: str
    submitter: Named
    claims: list[Claim]


Elements: TypeAlias = list[str]


def read_claims(transaction: TransactionSet) -> ClaimFile:
    """Return what one ST claims. **Errors**: `NotAClaimFile`."""
    reader = _Reader(transaction.separators)
    element, position = transaction.separators.element, 0
    padding = element * _WIDEST
    for position, raw in enumerate(transaction.raw, start=1):
        segment_id = raw.partition(element)[0]
        step = _STEPS.get(segment_id)
        if step is None:
            continue
        reader.position = position
        try:
            reader.readable(raw)
            step(reader, (raw + padding).split(element))
        except (Malformed, Rejected, IndexError):  # the latter for units that no element carries
            raise NotAClaimFile(segment_id, position, _WRONG) from None
        if reader.absent:
            raise NotAClaimFile(reader.absent, position, _MISSING)
    _refuse_holes(reader, position)
    return ClaimFile(transaction.control_number, reader.reference, reader.submitter, reader.claims)


def _refuse_holes(reader: "_Reader", end: int) -> None:
    """Refuse what would leave the payer without something that it answers with."""
    if not reader.reference:
        raise NotAClaimFile("BHT", 2, _MISSING)
    if not reader.claims:
        raise NotAClaimFile("CLM", end, _MISSING)
    for claim in reader.claims:
        if not claim.lines:
            raise NotAClaimFile("SV1", claim.position, _MISSING)
        if any(line.from_on is None for line in claim.lines):
            raise NotAClaimFile("DTP", claim.position, _MISSING)
        if claim.charge_cents != sum(line.charge_cents for line in claim.lines):
            raise NotAClaimFile("CLM", claim.position, _WRONG)


class _Reader:
    """Where in the tree the reader is."""

    __slots__ = (
        "absent",
        "claims",
        "component",
        "filing_indicator",
        "in_claim",
        "level",
        "line_no",
        "of_other_payer",
        "patient",
        "payee",
        "payer",
        "position",
        "reference",
        "repetition",
        "role",
        "submitter",
        "subscriber",
    )

    def __init__(self, separators: Separators) -> None:
        self.component = separators.component
        self.repetition = separators.repetition
        self.absent = self.reference = self.level = self.filing_indicator = self.line_no = self.role = ""
        self.in_claim = self.of_other_payer = False
        self.submitter = self.payer = self.subscriber = Named()
        self.payee = Payee("", "", "")
        self.patient: Named | None = None
        self.claims: list[Claim] = []
        self.position = 0

    def readable(self, raw: str) -> None:
        """Refuse characters that an answer could not carry. **Errors**: `NotAnX12Value`."""
        if not (raw.isascii() and raw.isprintable()):
            raise NotAnX12Value("a segment has a control character")

    def _plain(self, text: str) -> str:
        """Return an element that must have no parts. **Errors**: `NotAnX12Value`."""
        if self.component in text or self.repetition in text:
            raise NotAnX12Value("an element has parts that it cannot have")
        return text

    def _required(self, text: str) -> str:
        """Return an element that must be there and have no parts. **Errors**: `NotAnX12Value`."""
        if not text:
            raise NotAnX12Value("an element is empty that is required")
        return self._plain(text)

    def bht(self, bht: Elements) -> None:
        """Take the number of the file."""
        self.reference = self._plain(bht[3])

    def level_begins(self, hl: Elements) -> None:
        """Take a level of the tree; what stood on it before is over."""
        self.level = hl[3]
        self.patient = None
        self.in_claim = self.of_other_payer = False
        if self.level == "20":
            self.payee = Payee("", "", "")
        if self.level in {"20", "22"}:
            self.subscriber = self.payer = Named()

    def subscriber_begins(self, sbr: Elements) -> None:
        """Take what kind of insurance it is; inside a claim it opens what another payer decided (2320)."""
        self.of_other_payer = self.in_claim
        if not self.in_claim:
            self.filing_indicator = sbr[9]

    def named(self, nm1: Elements) -> None:
        """Take a party, by its role; those of another payer (2330) are nothing to this one."""
        self.role = nm1[1]
        if self.of_other_payer:
            return
        party = Named(nm1[3], nm1[4], self._plain(nm1[9]))
        match nm1[1]:
            case "41":
                self.submitter = party
            case "85":
                self.payee = Payee(party.family, party.number, self.payee.tax_id)
            case "IL":
                self.subscriber = party
            case "PR":
                self.payer = party
            case "QC":
                self.patient = party
            case "82" if self.claims and not self.line_no:
                self.claims[-1].rendering = party
            case _:
                pass  # referring, facility, pay-to: nothing here is answered with them

    def numbered(self, ref: Elements) -> None:
        """Take the payee's tax number, and a line's own number."""
        if ref[1] in {"EI", "SY"} and self.level == "20" and self.role == "85":
            self.payee = Payee(self.payee.name, self.payee.npi, self._plain(ref[2]))
        elif ref[1] == "6R" and (line := self._line()):
            line.control_number = self._plain(ref[2])

    def claim_begins(self, clm: Elements) -> None:
        """Take a claim, with the parties that stand above it."""
        holes = (("NM1", self.payee.npi), ("NM1", self.payer.number), ("NM1", self.subscriber.number))
        self.absent = next((segment_id for segment_id, found in holes if not found), "")
        place, _, frequency = (clm[5] + self.component * 2).split(self.component)[:3]
        self.line_no = ""
        self.in_claim, self.of_other_payer = True, False
        self.claims.append(
            Claim(
                number=self._required(clm[1]),
                charge_cents=cents(clm[2]),
                place_of_service=self._plain(place),
                frequency=self._plain(frequency),
                payee=self.payee,
                payer=self.payer,
                subscriber=self.subscriber,
                patient=self.patient,
                filing_indicator=self.filing_indicator,
                position=self.position,
            )
        )

    def line_begins(self, lx: Elements) -> None:
        """Take the number of a line."""
        self.line_no = lx[1]
        self.of_other_payer = False
        self.absent = "" if self.claims else "CLM"

    def service(self, sv1: Elements) -> None:
        """Take what was done, and what it costs."""
        if not self.claims or not self.line_no:
            self.absent = "LX"
            return
        composite = sv1[1].split(self.component)
        modifiers = (self._plain(each) for each in composite[_MODIFIERS] if each)
        if composite[0] not in _QUALIFIERS:
            raise NotAnX12Value("a procedure names its code set")
        procedure = (composite[0], self._required(composite[1]), *modifiers)
        charge_cents, units = cents(sv1[2]), written_quantity(quantity(sv1[4]))
        if charge_cents < 0:
            raise NotAnX12Value("corrections are voids and replacements, never negative charges")
        pointers = tuple(each for each in sv1[7].split(self.component) if each)
        self.claims[-1].lines.append(Billed(self.line_no, procedure, charge_cents, units, pointers=pointers))

    def dated(self, dtp: Elements) -> None:
        """Take the days of a line."""
        if dtp[1] == "472" and (line := self._line()):
            line.from_on, line.to_on = days(dtp[2], dtp[3])

    def _line(self) -> Billed | None:
        """Return the line that is open; an LX without its SV1 is named as a fault."""
        if not self.line_no:
            return None
        lines = self.claims[-1].lines
        if lines and lines[-1].number == self.line_no:
            return lines[-1]
        self.absent = "SV1"
        return None


_STEPS: Final[dict[str, Callable[[_Reader, Elements], None]]] = {
    "BHT": _Reader.bht,
    "HL": _Reader.level_begins,
    "SBR": _Reader.subscriber_begins,
    "NM1": _Reader.named,
    "REF": _Reader.numbered,
    "CLM": _Reader.claim_begins,
    "LX": _Reader.line_begins,
    "SV1": _Reader.service,
    "DTP": _Reader.dated,
}
