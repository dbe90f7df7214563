"""Codes that others keep: their form here, their existence from whoever holds the lists.

Owns: where codes of outside lists stand, and on which day they have to be valid. Refuses: the lists; this package is
pure, so a caller brings them (`Knows`). What nobody brings was not checked, and is said once per list.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple, TypeAlias

from shared.x12.checks.codes import LISTS, PLACES_OF_SERVICE
from shared.x12.checks.datatypes import day
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import Tell, at
from shared.x12.tokens import Segment

Knows: TypeAlias = Callable[[str, str, date | None], bool | None]
"""Takes a list (`diagnosis`, `procedure`, `modifier`, `taxonomy`, `revenue`, `adjustment-reason`, `remark`), a code
without points, and the day of service where it is known; returns None where that list is not loaded for the day."""

_DIAGNOSIS: Final = re.compile(r"[A-Z][0-9A-Z]{2,6}")  # no narrower: U071, QA00101, J4B are codes
_PROCEDURE: Final = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]")
_TAXONOMY: Final = re.compile(r"[0-9A-Z]{9}X")
_REVENUE: Final = re.compile(r"\d{4}")
_FORMS: Final = {"diagnosis": _DIAGNOSIS, "procedure": _PROCEDURE, "taxonomy": _TAXONOMY, "revenue": _REVENUE}
_DIAGNOSES: Final = frozenset({"ABK", "ABF", "ABJ", "ABN", "APR"})
_PROCEDURES: Final = {"SV1": ((1, "HC"),), "SV2": ((2, "HC"),), "SVC": ((1, "HC"), (6, "HC")), "SVD": ((3, "HC"),)}
_REMARKS: Final = {"MOA": (3, 4, 5, 6, 7), "MIA": (5, 20, 21, 22, 23)}
_SERVICE_DAYS: Final = frozenset({"472", "434", "150", "232"})
_PENDING_MAX: Final = 10_000
_LOOPS_OF_A_CLAIM: Final = frozenset({"CLM", "CLP", "HL"})


class _Pending(NamedTuple):
    """A code that waits for its day of service."""

    segment: Segment
    element: str
    loop: str
    kind: str
    code: str


class CodeSets:
    """The rules of level 5, but for NPI and states (`parties.py`)."""

    __slots__ = ("_component", "_knows", "_on", "_pending", "_said", "_tell")

    def __init__(self, tell: Tell, component: str, knows: Knows | None, said: set[str]) -> None:
        self._tell, self._component, self._knows, self._said = tell, component, knows, said
        self._pending: list[_Pending] = []
        self._on: date | None = None

    def take(self, placed: Placed) -> None:  # noqa: C901, PLR0912 (one line each segment that has codes)
        """Look at a segment if it has codes, or the day on which they have to be valid."""
        segment = placed.segment
        name = segment.elements[0]
        if name in _LOOPS_OF_A_CLAIM or len(self._pending) > _PENDING_MAX:
            self._judge()
        match name:
            case "HI":
                self._of_composites(placed, segment)
            case "SV1" | "SV2" | "SVC" | "SVD":
                self._service(placed, segment)
            case "CLM":
                self._place_of_service(placed, segment)
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
            case "DTP" | "DTM" if self._on is None and at(segment, 1) in _SERVICE_DAYS:
                self._on = day(at(segment, 3 if name == "DTP" else 2)[:8])
            case _:
                pass

    def end(self, segment: Segment) -> None:
        """Judge what still waits."""
        del segment
        self._judge()

    def _of_composites(self, placed: Placed, codes: Segment) -> None:
        for element in range(1, len(codes.elements)):
            qualifier, _, rest = at(codes, element).partition(self._component)
            if qualifier in _DIAGNOSES:
                self._code(placed, codes, f"{element:02d}-2", "diagnosis", rest.partition(self._component)[0])

    def _service(self, placed: Placed, service: Segment) -> None:
        for element, qualifier in _PROCEDURES[service.elements[0]]:
            parts = at(service, element).split(self._component)
            if parts[0] == qualifier and len(parts) > 1:
                self._code(placed, service, f"{element:02d}-2", "procedure", parts[1])
                for position, modifier in enumerate(parts[2:6], start=3):
                    self._code(placed, service, f"{element:02d}-{position}", "modifier", modifier)
        if service.elements[0] == "SV2":
            self._code(placed, service, "01", "revenue", at(service, 1))
        elif service.elements[0] == "SV1" and at(service, 5) and at(service, 5) not in PLACES_OF_SERVICE:
            self._tell("5-place-of-service", service, element="05", loop=placed.loop)

    def _place_of_service(self, placed: Placed, clm: Segment) -> None:
        place, _, rest = at(clm, 5).partition(self._component)
        if rest.startswith("B") and place not in PLACES_OF_SERVICE:
            self._tell("5-place-of-service", clm, element="05-1", loop=placed.loop)

    def _status(self, placed: Placed, status: Segment) -> None:
        for element in (1, 10, 11):
            category = at(status, element).partition(self._component)[0]
            if category and category not in LISTS["category"]:
                self._tell("5-status-category", status, element=f"{element:02d}-1", loop=placed.loop)

    def _code(self, placed: Placed, segment: Segment, element: str, kind: str, code: str) -> None:
        if not code:
            return
        form = _FORMS.get(kind)
        if form is not None and not form.fullmatch(code):
            self._tell(f"5-{kind}-form", segment, element=element, loop=placed.loop)
        elif self._knows is not None:
            self._pending.append(_Pending(segment, element, placed.loop, kind, code))
        else:
            self._not_made(kind, segment)

    def _judge(self) -> None:
        for each in self._pending:
            known = self._knows(each.kind, each.code, self._on) if self._knows is not None else None
            if known is None:
                self._not_made(each.kind, each.segment)
            elif not known:
                self._tell(f"5-{each.kind}", each.segment, element=each.element, loop=each.loop)
        self._pending.clear()
        self._on = None

    def _not_made(self, kind: str, segment: Segment) -> None:
        if kind not in self._said:
            self._said.add(kind)
            self._tell("5-not-made", segment, detail=kind)
