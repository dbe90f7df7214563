"""837: what segments of a claim demand of each other, and what clearinghouses send back.

Owns: levels 3 and 4 of both claim guides, and duplicates of claim numbers. Refuses: code sets (`code_sets.py`).
One claim is remembered at a time, with the levels above it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shared.x12.checks.claim_payers import Payers
from shared.x12.checks.codes import UNLISTED
from shared.x12.checks.datatypes import day, is_number
from shared.x12.checks.duplicates import Seen
from shared.x12.checks.finding import Tell
from shared.x12.checks.institutional import Institutional
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import amount_at, at, dollars
from shared.x12.tokens import Segment

_NUMBER_MAX: Final = 20
_NUMBER_SAFE: Final = 17
_RESERVED: Final = re.compile(r"[~*:^>|`]")
_PROFESSIONAL_FREQUENCIES: Final = frozenset({"1", "7", "8"})
_SELF: Final = "18"
_OFFICE: Final = "11"
_DIAGNOSES: Final = frozenset({"ABK", "ABF", "BK", "BF"})
_CLAIMS_MAX: Final = 5_000
_PAST: Final = frozenset(
    {"472", "434", "435", "431", "439", "454", "453", "304", "484", "455", "471", "444", "573", "050", "738", "739"}
)
"""Days that have been when a claim is made: of service, illness, accident, admission, tests, decision, receipt."""


@dataclass(slots=True, eq=False)
class _Subscriber:
    """What a subscriber's level says."""

    sbr: Segment | None = None
    name: Segment | None = None
    seen: set[str] = field(default_factory=set)
    has_patient: bool = False


@dataclass(slots=True, eq=False)
class _Claim:
    """What is remembered of the claim that is being read. **Units**: cents."""

    clm: Segment
    lines: int = 0
    lines_cents: int = 0
    line_numbers: set[str] = field(default_factory=set)
    references: dict[str, Segment] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)
    diagnosis_count: int = 0
    diagnoses: set[str] = field(default_factory=set)
    has_rendering: bool = False


class Claims:
    """The rules of an 837. **Shape**: `numbers` are those of the whole file, shared by its sets."""

    __slots__ = (
        "_billing",
        "_claim",
        "_component",
        "_count",
        "_handlers",
        "_institutional",
        "_level",
        "_made_on",
        "_numbers",
        "_payers",
        "_purpose",
        "_subscriber",
        "_tell",
    )

    def __init__(
        self, tell: Tell, component: str, *, numbers: Seen, made_on: date | None, is_institutional: bool
    ) -> None:
        self._tell, self._component, self._numbers, self._made_on = tell, component, numbers, made_on
        self._institutional = Institutional(tell, component) if is_institutional else None
        self._payers = Payers(tell)
        self._count = 0
        self._purpose = ""
        self._billing: Segment | None = None
        self._level: Placed | None = None
        self._subscriber = _Subscriber()
        self._claim: _Claim | None = None
        self._handlers: dict[str, Callable[[Placed, Segment], None]] = {
            "BHT": self._bht,
            "HL": self._hl,
            "SBR": self._sbr,
            "NM1": self._nm1,
            "N3": self._n3,
            "DMG": self._dmg,
            "CLM": self._clm,
            "REF": self._ref,
            "HI": self._hi,
            "SV2" if is_institutional else "SV1": self._service,
            "DTP": self._dtp,
        }

    def take(self, placed: Placed) -> None:
        """Look at a segment in its place."""
        if "2010BA" in placed.closed:
            self._judge_subscriber()
        if "2300" in placed.closed:
            self._judge_claim()
        handler = self._handlers.get(placed.segment.elements[0])
        if handler is not None:
            handler(placed, placed.segment)
        if self._claim is not None:
            self._payers.take(placed)
            if self._institutional is not None:
                self._institutional.take(placed)

    def end(self, segment: Segment) -> None:
        """Judge the last claim and the last level."""
        del segment
        self._judge_claim()
        self._judge_level()

    def _bht(self, placed: Placed, bht: Segment) -> None:
        del placed
        self._purpose = at(bht, 6)

    def _hl(self, placed: Placed, level: Segment) -> None:
        self._judge_claim()
        self._judge_level()
        if at(level, 3) == "22":
            self._subscriber = _Subscriber()
        elif at(level, 3) == "23":
            self._subscriber.has_patient = True
            if self._subscriber.sbr is not None and at(self._subscriber.sbr, 2) == _SELF:
                self._tell("4-self-and-patient", level, element="03", loop=placed.loop)
        self._level = placed if at(level, 4) == "0" else None

    def _judge_level(self) -> None:
        if self._level is not None:
            self._tell("4-no-claim", self._level.segment, loop=self._level.loop)
        self._level = None

    def _sbr(self, placed: Placed, sbr: Segment) -> None:
        if placed.loop == "2000B":
            self._subscriber.sbr = sbr
        if at(sbr, 3) and at(sbr, 4):
            self._tell("4-group-name", sbr, element="04", loop=placed.loop)

    def _nm1(self, placed: Placed, name: Segment) -> None:
        self._reserved(name, 9, placed.loop)
        match placed.loop:
            case "2010AA":
                self._billing = name
            case "2010BA":
                self._subscriber.name = name
                if at(name, 2) == "1" and not at(name, 9):
                    self._tell("4-member", name, element="09", loop=placed.loop)
            case "2310B" | "2420A" if self._claim is not None:
                self._claim.has_rendering |= at(name, 1) == "82"
            case _:
                pass

    def _n3(self, placed: Placed, street: Segment) -> None:
        del street
        if placed.loop == "2010BA":
            self._subscriber.seen.add("N3")

    def _dmg(self, placed: Placed, birth: Segment) -> None:
        if placed.loop == "2010BA":
            self._subscriber.seen.add("DMG")
        del birth

    def _judge_subscriber(self) -> None:
        subscriber = self._subscriber
        if subscriber.sbr is None or subscriber.name is None or at(subscriber.sbr, 2) != _SELF:
            return
        if at(subscriber.name, 2) == "1":
            for name in ("N3", "DMG"):
                if name not in subscriber.seen:
                    self._tell("4-self", subscriber.name, loop="2010BA", detail=f"{name} is missing")

    def _clm(self, placed: Placed, clm: Segment) -> None:
        del placed
        self._judge_claim()
        self._level = None
        self._claim = _Claim(clm)
        self._payers.begin(clm, self._subscriber.sbr)
        if self._institutional is not None:
            self._institutional.begin(clm)
        self._count += 1
        if self._count == _CLAIMS_MAX + 1:
            self._tell("4-set-size", clm, loop="2300")
        number = at(clm, 1)
        if len(number) > _NUMBER_MAX:
            self._tell("4-claim-number", clm, element="01", loop="2300")
        elif len(number) > _NUMBER_SAFE:
            self._tell("4-claim-number-long", clm, element="01", loop="2300")
        if " " in number:
            self._tell("4-claim-number-blank", clm, element="01", loop="2300")
        self._reserved(clm, 1, "2300")
        self._numbers.once(number, clm)
        if amount_at(clm, 2) < 0:
            self._tell("4-negative", clm, element="02", loop="2300")
        elif amount_at(clm, 2) == 0 and self._purpose == "CH":
            self._tell("4-no-charge", clm, element="02", loop="2300")
        sbr = self._subscriber.sbr
        if sbr is not None and not self._subscriber.has_patient and at(sbr, 2) != _SELF:
            self._tell("4-no-patient", sbr, element="02", loop="2000B")

    def _reserved(self, segment: Segment, element: int, loop: str) -> None:
        if _RESERVED.search(at(segment, element)):
            self._tell("4-reserved", segment, element=f"{element:02d}", loop=loop)

    def _part(self, segment: Segment, element: int, component: int) -> str:
        parts = at(segment, element).split(self._component)
        return parts[component - 1] if component <= len(parts) else ""

    def _ref(self, placed: Placed, reference: Segment) -> None:
        self._reserved(reference, 2, placed.loop)
        if self._claim is None:
            return
        if placed.loop == "2300":
            self._claim.references[at(reference, 1)] = reference
        elif placed.loop == "2400" and at(reference, 1) == "6R":
            number = at(reference, 2)
            if number in self._claim.line_numbers:
                self._tell("4-line-number-twice", reference, element="02", loop="2400")
            self._claim.line_numbers.add(number)

    def _hi(self, placed: Placed, codes: Segment) -> None:
        del placed
        if self._claim is None:
            return
        for element in range(1, len(codes.elements)):
            if self._part(codes, element, 1) in _DIAGNOSES:
                code = self._part(codes, element, 2)
                if code in self._claim.diagnoses:
                    self._tell("4-diagnosis-twice", codes, element=f"{element:02d}-2", loop="2300")
                self._claim.diagnosis_count += 1
                self._claim.diagnoses.add(code)

    def _dtp(self, placed: Placed, when: Segment) -> None:
        if self._claim is None:
            return
        if placed.loop == "2300":
            self._claim.days.add(at(when, 1))
        first = day(at(when, 3)[:8])
        is_future = first is not None and self._made_on is not None and first > self._made_on
        if at(when, 1) in _PAST and is_future:
            self._tell("4-future", when, element="03", loop=placed.loop)

    def _service(self, placed: Placed, service: Segment) -> None:
        if self._claim is None:
            return
        is_professional = self._institutional is None
        charge_at, units_at, procedure_at = (2, 4, 1) if is_professional else (3, 5, 2)
        charge = amount_at(service, charge_at)
        self._claim.lines += 1
        self._claim.lines_cents += charge
        self._payers.line(charge)
        if charge < 0:
            self._tell("4-negative", service, element=f"{charge_at:02d}", loop=placed.loop)
        if at(service, units_at) and _is_nothing(at(service, units_at)):
            self._tell("4-units", service, element=f"{units_at:02d}", loop=placed.loop)
        is_described = self._part(service, procedure_at, 7)
        if self._part(service, procedure_at, 2) in UNLISTED and not is_described:
            self._tell("4-other-description", service, element=f"{procedure_at:02d}-7", loop=placed.loop)
        if is_professional:
            self._pointers(service, placed.loop)

    def _pointers(self, service: Segment, loop: str) -> None:
        assert self._claim is not None  # noqa: S101 (told to the type checker; the caller looks)
        pointers = [each for each in at(service, 7).split(self._component) if each]
        seen: set[str] = set()
        for position, pointer in enumerate(pointers, start=1):
            if not is_number(pointer) or not 1 <= int(pointer[:3]) <= self._claim.diagnosis_count:
                self._tell("4-pointer", service, element=f"07-{position}", loop=loop)
            elif pointer in seen:
                self._tell("4-pointer-twice", service, element=f"07-{position}", loop=loop)
            seen.add(pointer)

    def _judge_claim(self) -> None:
        claim, self._claim = self._claim, None
        if claim is None:
            return
        clm = claim.clm
        difference = amount_at(clm, 2) - claim.lines_cents
        if difference and claim.lines:
            self._tell("3-charge", clm, element="02", loop="2300", detail=dollars(difference))
        self._judge_frequency(claim)
        self._judge_accident(claim)
        is_office = self._part(clm, 5, 1) == _OFFICE and self._institutional is None
        is_group = self._billing is not None and at(self._billing, 2) == "2"
        if is_office and is_group and not claim.has_rendering:
            self._tell("4-rendering", clm, element="05-1", loop="2300")
        self._payers.judge()
        if self._institutional is not None:
            self._institutional.judge(claim.days)

    def _judge_frequency(self, claim: _Claim) -> None:
        frequency, original = self._part(claim.clm, 5, 3), claim.references.get("F8")
        if self._institutional is None and frequency not in _PROFESSIONAL_FREQUENCIES and frequency:
            self._tell("4-frequency", claim.clm, element="05-3", loop="2300")
        elif frequency in {"7", "8"} and original is None:
            self._tell("4-original-number-missing", claim.clm, element="05-3", loop="2300")
        elif frequency == "1" and original is not None:
            self._tell("4-original-number", original, loop="2300")

    def _judge_accident(self, claim: _Claim) -> None:
        causes = {self._part(claim.clm, 11, 1), self._part(claim.clm, 11, 2)}
        if self._institutional is not None or not causes & {"AA", "OA"}:
            return
        if "439" not in claim.days:
            self._tell("4-accident", claim.clm, element="11", loop="2300", detail="DTP*439 is missing")
        if "AA" in causes and not self._part(claim.clm, 11, 4) and not self._part(claim.clm, 11, 5):
            self._tell("4-accident", claim.clm, element="11-4", loop="2300")


def _is_nothing(units: str) -> bool:
    """Return whether a number of units is zero or below."""
    return units.startswith("-") or not units.strip("0.")
