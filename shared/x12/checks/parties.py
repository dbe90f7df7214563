"""Who and where, in any set: provider numbers, states, postal codes, telephones, birth dates.

Owns: the form of what identifies a party. Refuses: whether it exists (a registry would have to be asked).
"""

import re
from datetime import date
from typing import Final

from shared.kernel.identifiers import is_npi
from shared.x12.checks.codes import PROVINCES, STATES
from shared.x12.checks.datatypes import day
from shared.x12.checks.finding import Tell
from shared.x12.checks.placing import Placed
from shared.x12.checks.situation import at
from shared.x12.tokens import Segment

_NINE: Final = re.compile(r"\d{9}")
_FIVE_OR_NINE: Final = re.compile(r"\d{5}(?:\d{4})?")
_PHONE: Final = re.compile(r"\d{10}")
BOX: Final = re.compile(r"\s*(?:P\.?\s*O\.?\s*BOX|POST OFFICE BOX|LOCK ?BOX|P\.?O\.?B\.? *\d+$)\b", re.IGNORECASE)
_TAX_IDS: Final = {"837": frozenset({"EI", "SY"}), "835": frozenset({"TJ", "SY"})}
_PEOPLE: Final = frozenset({"2010BA", "2010CA", "2330A"})
_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
_PROVIDERS: Final = frozenset({"2010AA", "2310C", "2310E", "2420C"})
"""Loops whose N403 must have nine digits: billing provider and service facility."""
_FACILITY_ROLES: Final = frozenset({"85", "77"})
_AGE_MAX: Final = 150


class Parties:
    """The rules of names and addresses. **Shape**: `made_on` is the day of the file, if it has one."""

    __slots__ = ("_code", "_made_on", "_role", "_tell")

    def __init__(self, tell: Tell, code: str, made_on: date | None) -> None:
        self._tell, self._code, self._made_on = tell, code, made_on
        self._role = ""

    def take(self, placed: Placed) -> None:
        """Look at a segment if it says who or where."""
        segment = placed.segment
        match segment.elements[0]:
            case "NM1":
                self._role = at(segment, 1)
                self._name(placed, segment)
            case "N1":
                self._npi(placed, segment, 3)
            case "N3" if placed.loop == "2010AA":
                self._street(placed, segment)
            case "N4":
                self._place(placed, segment)
            case "REF" if at(segment, 1) in _TAX_IDS.get(self._code, ()):
                if not _NINE.fullmatch(at(segment, 2)):
                    self._tell("4-tax-id", segment, element="02", loop=placed.loop)
            case "PER":
                self._phones(placed, segment)
            case "DMG":
                self._birth(placed, segment)
            case _:
                pass

    def end(self, segment: Segment) -> None:
        """Nothing is left to judge."""

    def _name(self, placed: Placed, name: Segment) -> None:
        self._npi(placed, name, 8)
        if at(name, 2) == "2" and at(name, 4):
            self._tell("4-name", name, element="04", loop=placed.loop)
        if at(name, 2) == "1" and placed.loop in _PEOPLE:
            for element in (3, 4):
                text = at(name, element)
                if text and (_DIGIT.search(text) or not _LETTER.search(text)):
                    self._tell("4-name-form", name, element=f"{element:02d}", loop=placed.loop)

    def _street(self, placed: Placed, street: Segment) -> None:
        for element in (1, 2):
            if BOX.match(at(street, element)):
                self._tell("4-po-box", street, element=f"{element:02d}", loop=placed.loop)

    def _npi(self, placed: Placed, name: Segment, qualifier: int) -> None:
        if at(name, qualifier) == "XX" and at(name, qualifier + 1) and not is_npi(at(name, qualifier + 1)):
            self._tell("5-npi", name, element=f"{qualifier + 1:02d}", loop=placed.loop)

    def _place(self, placed: Placed, place: Segment) -> None:
        state, code, country = at(place, 2), at(place, 3), at(place, 4)
        if country not in {"", "US"}:
            return
        if state and state not in STATES and state not in PROVINCES:
            self._tell("5-state", place, element="02", loop=placed.loop)
        if not code or state in PROVINCES:
            return
        is_provider = self._code == "837" and placed.loop in _PROVIDERS and self._role in _FACILITY_ROLES
        if is_provider and not _NINE.fullmatch(code):
            self._tell("4-zip", place, element="03", loop=placed.loop)
        elif not _FIVE_OR_NINE.fullmatch(code):
            self._tell("4-zip-form", place, element="03", loop=placed.loop)

    def _phones(self, placed: Placed, contact: Segment) -> None:
        for element in (3, 5, 7):
            number = at(contact, element + 1)
            if at(contact, element) in {"TE", "FX"} and number and not _PHONE.fullmatch(number):
                self._tell("4-phone", contact, element=f"{element + 1:02d}", loop=placed.loop)

    def _birth(self, placed: Placed, birth: Segment) -> None:
        born = day(at(birth, 2)) if at(birth, 1) == "D8" else None
        if born is None or self._made_on is None:
            return
        if born > self._made_on or self._made_on.year - born.year > _AGE_MAX:
            self._tell("4-birth", birth, element="02", loop=placed.loop)
