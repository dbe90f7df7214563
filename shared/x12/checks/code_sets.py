"""Codes that others keep: their form here, their existence from whoever holds the lists.

Owns: where codes of outside lists stand, and on which day they have to be valid. Refuses: the lists; this package is
pure, so a caller brings them (`Knows`). What nobody brings was not checked, and is said once per list.
"""

import re
from collections.abc import Callable
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from shared.kernel.identifiers import is_npi
from shared.x12.checks.codes import LISTS, PLACES_OF_SERVICE, STAYS
from shared.x12.checks.datatypes import day
from shared.x12.checks.finding import Tell
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import at
from shared.x12.tokens import Segment

Knows: TypeAlias = Callable[[str, str, date | None], bool | None]
"""Takes a list of `KINDS`, a code without points, and the day on which it has to be valid, where one is known; returns
None where that list is not loaded for the day."""
KINDS: Final = MappingProxyType(
    {
        "adjustment-reason": "claim adjustment reason codes",
        "condition": "condition codes",
        "diagnosis": "ICD-10-CM",
        "inpatient-procedure": "ICD-10-PCS",
        "modifier": "modifiers",
        "occurrence": "occurrence codes",
        "payer": "payer ids of the receiver",
        "place-of-service": "places of service",
        "procedure": "CPT and HCPCS",
        "provider": "providers in NPPES",
        "remark": "remittance advice remark codes",
        "revenue": "revenue codes",
        "status": "claim status codes",
        "taxonomy": "provider taxonomy",
        "value": "value codes",
    }
)
"""The lists that are asked for, and what they are called. Each has a rule `5-` and its name."""

_DIAGNOSIS: Final = re.compile(r"[A-Z][0-9A-Z]{2,6}")  # no narrower: U071, QA00101, J4B are codes
_PROCEDURE: Final = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]")
_TAXONOMY: Final = re.compile(r"[0-9A-Z]{9}X")
_REVENUE: Final = re.compile(r"\d{4}")
_FORMS: Final = {"diagnosis": _DIAGNOSIS, "procedure": _PROCEDURE, "taxonomy": _TAXONOMY, "revenue": _REVENUE}
_QUALIFIERS: Final = {
    **dict.fromkeys(("ABK", "ABF", "ABJ", "ABN", "APR"), "diagnosis"),
    **dict.fromkeys(("BP", "BO"), "procedure"),
    **dict.fromkeys(("BBR", "BBQ"), "inpatient-procedure"),
    **dict.fromkeys(("BH", "BI"), "occurrence"),
    "BE": "value",
    "BG": "condition",
}
_PROCEDURES: Final = {"SV1": ((1, "HC"),), "SV2": ((2, "HC"),), "SVC": ((1, "HC"), (6, "HC")), "SVD": ((3, "HC"),)}
_REMARKS: Final = {"MOA": (3, 4, 5, 6, 7), "MIA": (5, 20, 21, 22, 23)}
_RECEIVERS: Final = frozenset({"2010BB", "2100A"})
_SERVICE_DAYS: Final = frozenset({"472", "434", "150", "232"})
_DECISIONS: Final = frozenset({"adjustment-reason", "remark"})
_PENDING_MAX: Final = 10_000
_LOOPS_OF_A_CLAIM: Final = frozenset({"CLM", "CLP", "HL"})


class _Pending(NamedTuple):
    """A code that waits for its day. **Shape**: `line` counts the lines of the claim, 0 for the claim itself."""

    segment: Segment
    element: str
    loop: str
    kind: str
    code: str
    line: int


class CodeSets:
    """The rules of level 5, but for NPI and states (`parties.py`).

    **Shape**: a code has to be valid on the day of its line, else of its claim, else when the file was made.
    Of a stay in hospital the last day counts; what a payer gives as its reason has to be valid when it decided.
    """

    __slots__ = (
        "_claim_day",
        "_component",
        "_decided_on",
        "_is_stay",
        "_knows",
        "_line",
        "_line_days",
        "_made_on",
        "_pending",
        "_said",
        "_tell",
    )

    def __init__(self, tell: Tell, component: str, knows: Knows | None, said: set[str], made_on: date | None) -> None:
        self._tell, self._component, self._knows, self._said = tell, component, knows, said
        self._made_on = made_on
        self._pending: list[_Pending] = []
        self._begin()

    def _begin(self) -> None:
        self._claim_day: date | None = None
        self._decided_on: date | None = None
        self._line_days: dict[int, date] = {}
        self._line = 0
        self._is_stay = False

    def take(self, placed: Placed) -> None:  # noqa: C901, PLR0912 (one line each segment that has codes)
        """Look at a segment if it has codes, or the day on which they have to be valid."""
        segment = placed.segment
        name = segment.elements[0]
        if name in _LOOPS_OF_A_CLAIM:
            self._judge()
            self._begin()
        elif len(self._pending) > _PENDING_MAX:
            self._judge()
        if placed.begins and (name == "SVC" or placed.loop == "2400"):
            self._line += 1
        match name:
            case "HI":
                self._of_composites(placed, segment)
            case "SV1" | "SV2" | "SVC" | "SVD":
                self._service(placed, segment)
            case "CLM":
                self._place_of_claim(placed, segment)
            case "NM1" | "N1":
                self._party(placed, segment)
            case "PRV" if at(segment, 2) == "PXC":
                self._code(placed, segment, "03", "taxonomy", at(segment, 3))
            case "CAS":
                for element in range(2, len(segment.elements), 3):
                    self._code(placed, segment, f"{element:02d}", "adjustment-reason", at(segment, element))
            case "MOA" | "MIA":
                for element in _REMARKS[name]:
                    self._code(placed, segment, f"{element:02d}", "remark", at(segment, element))
            case "LQ" if at(segment, 1) == "HE":
                self._code(placed, segment, "02", "remark", at(segment, 2))
            case "STC":
                self._status(placed, segment)
            case "DTP" | "DTM":
                self._day(at(segment, 1), at(segment, 3 if name == "DTP" else 2))
            case _:
                pass

    def end(self, segment: Segment) -> None:
        """Judge what still waits."""
        del segment
        self._judge()

    def _day(self, qualifier: str, days: str) -> None:
        if qualifier == "573":
            self._decided_on = self._decided_on or day(days[:8])
        elif qualifier in _SERVICE_DAYS:
            found = day(days[-8:] if self._is_stay and qualifier == "434" else days[:8])
            if found is not None and self._line:
                self._line_days.setdefault(self._line, found)
            self._claim_day = self._claim_day or found

    def _of_composites(self, placed: Placed, codes: Segment) -> None:
        for element in range(1, len(codes.elements)):
            qualifier, _, rest = at(codes, element).partition(self._component)
            if qualifier in _QUALIFIERS:
                code = rest.partition(self._component)[0]
                self._code(placed, codes, f"{element:02d}-2", _QUALIFIERS[qualifier], code)

    def _service(self, placed: Placed, service: Segment) -> None:
        for element, qualifier in _PROCEDURES[service.elements[0]]:
            parts = at(service, element).split(self._component)
            if parts[0] == qualifier and len(parts) > 1:
                self._code(placed, service, f"{element:02d}-2", "procedure", parts[1])
                for position, modifier in enumerate(parts[2:6], start=3):
                    self._code(placed, service, f"{element:02d}-{position}", "modifier", modifier)
        if service.elements[0] == "SV2":
            self._code(placed, service, "01", "revenue", at(service, 1))
        elif service.elements[0] == "SV1":
            self._place_of_service(placed, service, "05", at(service, 5))

    def _place_of_claim(self, placed: Placed, clm: Segment) -> None:
        place, _, rest = at(clm, 5).partition(self._component)
        self._is_stay = rest.startswith("A") and place in STAYS
        if rest.startswith("B"):
            self._place_of_service(placed, clm, "05-1", place)

    def _place_of_service(self, placed: Placed, segment: Segment, element: str, place: str) -> None:
        if place and place not in PLACES_OF_SERVICE:
            self._tell("5-place-of-service", segment, element=element, loop=placed.loop)
        elif self._knows is not None:
            self._code(placed, segment, element, "place-of-service", place)

    def _party(self, placed: Placed, name: Segment) -> None:
        qualifier = 8 if name.elements[0] == "NM1" else 3
        element, id_ = f"{qualifier + 1:02d}", at(name, qualifier + 1)
        if at(name, qualifier) == "XX" and is_npi(id_):
            self._code(placed, name, element, "provider", id_)
        elif at(name, qualifier) == "PI" and at(name, 1) == "PR" and placed.loop in _RECEIVERS:
            self._code(placed, name, element, "payer", id_)

    def _status(self, placed: Placed, status: Segment) -> None:
        for element in (1, 10, 11):
            category, _, rest = at(status, element).partition(self._component)
            if category and category not in LISTS["category"]:
                self._tell("5-status-category", status, element=f"{element:02d}-1", loop=placed.loop)
            self._code(placed, status, f"{element:02d}-2", "status", rest.partition(self._component)[0])

    def _code(self, placed: Placed, segment: Segment, element: str, kind: str, code: str) -> None:
        if not code:
            return
        form = _FORMS.get(kind)
        if form is not None and not form.fullmatch(code):
            self._tell(f"5-{kind}-form", segment, element=element, loop=placed.loop)
        elif self._knows is not None:
            self._pending.append(_Pending(segment, element, placed.loop, kind, code, self._line))
        else:
            self._not_made(kind, segment)

    def _judge(self) -> None:
        for each in self._pending:
            if each.kind in _DECISIONS:
                on = self._decided_on or self._made_on
            else:
                on = self._line_days.get(each.line) or self._claim_day or self._made_on
            known = self._knows(each.kind, each.code, on) if self._knows is not None else None
            if known is None:
                self._not_made(each.kind, each.segment)
            elif not known:
                self._tell(f"5-{each.kind}", each.segment, element=each.element, loop=each.loop)
        self._pending.clear()

    def _not_made(self, kind: str, segment: Segment) -> None:
        if kind not in self._said:
            self._said.add(kind)
            self._tell("5-not-made", segment, detail=kind)
