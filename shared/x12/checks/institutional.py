"""837I: what a bill of a hospital demands beyond any claim. **Source**: 005010X223A2; NUBC on types of bill."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from shared.x12.checks.codes import ADMISSION_SOURCES, ADMISSION_TYPES, BILL_FREQUENCIES, PATIENT_STATUSES, STAYS
from shared.x12.checks.finding import Tell
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import at
from shared.x12.tokens import Segment

_FACILITY: Final = re.compile(r"[1-8][1-9]")
_INTERIM: Final = frozenset({"2", "3"})
_NEVER: Final = "00"
_STILL_A_PATIENT: Final = "30"
_HIPPS: Final = re.compile(r"[A-Z0-9]{5}")
_ONCE: Final = frozenset({"BG", "BH", "BE"})
"""Condition, occurrence and value codes; occurrence spans (BI) may repeat with other days."""


class Institutional:
    """The bill that is being read."""

    __slots__ = ("_clm", "_codes", "_component", "_status", "_tell")

    def __init__(self, tell: Tell, component: str) -> None:
        self._tell, self._component = tell, component
        self._clm: Segment | None = None
        self._status: Segment | None = None
        self._codes: set[tuple[str, str]] = set()

    def begin(self, clm: Segment) -> None:
        """Begin with a claim."""
        self._clm, self._status, self._codes = clm, None, set()

    def take(self, placed: Placed) -> None:
        """Look at a segment of a claim."""
        segment = placed.segment
        match segment.elements[0]:
            case "CL1":
                self._admission(segment)
            case "HI":
                self._once(segment)
            case "SV2":
                parts = at(segment, 2).split(self._component)
                if parts[0] == "HP" and not _HIPPS.fullmatch("".join(parts[1:2])):
                    self._tell("4-hipps", segment, element="02-2", loop=placed.loop)
            case _:
                pass

    def _admission(self, admission: Segment) -> None:
        self._status = admission
        for element, known in ((1, ADMISSION_TYPES), (2, ADMISSION_SOURCES), (3, PATIENT_STATUSES)):
            code = at(admission, element)
            if code and code not in known and code != _NEVER:
                self._tell("5-admission", admission, element=f"{element:02d}", loop="2300")

    def _once(self, codes: Segment) -> None:
        for element in range(1, len(codes.elements)):
            qualifier, _, rest = at(codes, element).partition(self._component)
            key = (qualifier, rest.partition(self._component)[0])
            if qualifier in _ONCE and key in self._codes:
                self._tell("4-code-twice", codes, element=f"{element:02d}-2", loop="2300")
            self._codes.add(key)

    def judge(self, days: AbstractSet[str]) -> None:
        """Judge the claim that was read; `days` are the qualifiers of its DTP segments."""
        if self._clm is None:
            return
        facility, _, frequency = (*at(self._clm, 5).split(self._component), "", "")[:3]
        if facility and not _FACILITY.fullmatch(facility):
            self._tell("5-bill-type", self._clm, element="05-1", loop="2300")
        if frequency and frequency not in BILL_FREQUENCIES:
            self._tell("5-bill-type", self._clm, element="05-3", loop="2300")
        if self._status is not None:
            status = at(self._status, 3)
            if status == _NEVER or (status == _STILL_A_PATIENT and frequency == "1"):
                self._tell("4-patient-status", self._status, element="03", loop="2300")
        if frequency in _INTERIM and "096" in days:
            self._tell("4-discharge-hour", self._clm, element="05-3", loop="2300")
        if facility in STAYS and "435" not in days:
            self._tell("4-admission", self._clm, element="05-1", loop="2300")
