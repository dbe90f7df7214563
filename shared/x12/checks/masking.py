"""Personal data out of a file, and its structure kept: what is not known to be harmless becomes another text.

Owns: what stands in place of what. `public.py` says what stays, `pseudonyms.py` what a text becomes. Refuses: to make a
file anonymous in the sense of a law: days of service, amounts, diagnoses, states, years of birth, payers and the first
three digits of postal codes stay.

The same text becomes the same other one everywhere, so that claims, lines, answers and people still match; two texts
stay two, but for days of birth and death, of which the year is left. What a check finds in a file it finds in its copy,
but for blanks between segments, which a copy does not have.
"""

import re
from collections.abc import Iterator
from datetime import date
from string import digits
from typing import Final

from shared.kernel.identifiers import is_npi
from shared.x12.checks.datatypes import day
from shared.x12.checks.parties import BOX
from shared.x12.checks.pseudonyms import Pseudonyms
from shared.x12.checks.public import HIDDEN, Element, public
from shared.x12.malformed import segment_name
from shared.x12.separators import Separators
from shared.x12.tokens import Source, blocks, readable

_TAX_ID: Final = re.compile(r"\d{9}|\d\d-\d{7}|\d{3}-\d\d-\d{4}", re.ASCII)
_ENVELOPES: Final = {"ISA": ((2, 4), (6, 8), 16), "GS": ((), (2, 3), 8), "GE": ((), (), 2), "IEA": ((), (), 2)}
"""Elements of envelopes that are secrets, those that are partners, and how many there are: all the others stay."""
_BIRTHS: Final = {"DMG": 2, "PAT": 6, "INS": 12}
"""Where a day of birth or death stands."""
_LIFE: Final = frozenset({"222", "442"})  # birth and death
_DAYS_OF_LIFE: Final = {"DTP": (_LIFE, (3,)), "DTM": (_LIFE, (2, 6))}
"""Days that are those of a life where their first element says so."""
_RUN: Final = re.compile(r"\d+", re.ASCII)
_DIGITS_AND_DASHES: Final = re.compile(r"[\d-]*", re.ASCII)
_DAY_LENGTH: Final = 8
_PAYER_ROLES: Final = frozenset({"PR", "40", "ACV", "AY", "TT"})
_PARTNER_IDS: Final = frozenset({"46", "PI", "XV"})
_ZIP_KEPT: Final = 3


def mask(source: Source, *, key: bytes) -> Iterator[bytes]:
    """Yield a file without its personal data, segment by segment, without line breaks between them.

    **Shape**: one key gives one result; who has no key cannot go back. Memory does not grow with the file.
    **Errors**: `UnreadableISA`, `TruncatedInterchange`, `SegmentTooLong`.
    """
    masker = Masker(key)
    for block in blocks(source):
        separators = block.separators
        end = separators.terminator.encode("latin-1")
        for raw in block.raw:
            yield _written(masker.segment(raw, separators)) + end


def _written(text: str) -> bytes:
    """Return bytes that are read as this text."""
    try:
        written = text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()
    return written if readable(written.decode("latin-1")) == text else text.encode()


class Masker:
    """What becomes of each segment under one key. **Shape**: takes the segments of a file in their order."""

    __slots__ = ("_made_on", "_pseudonyms", "_public", "text")

    def __init__(self, key: bytes) -> None:
        self._pseudonyms = Pseudonyms(key)
        self.text = self._pseudonyms.text
        """Return another text of the same form."""
        self._public = public()
        self._made_on: date | None = None

    def segment(self, raw: str, separators: Separators) -> str:
        """Return a segment without personal data."""
        elements = raw.split(separators.element)
        name = elements[0]
        if name in _ENVELOPES:
            self._envelope(name, elements)
            return separators.element.join(elements)
        known = self._public.get(name, ())
        if not segment_name(name):
            elements[0] = self._pseudonyms.outside(name, lambda other: segment_name(other) != "")
        special = self._special(name, elements)
        for at in range(1, len(elements)):
            if at in special:
                elements[at] = special[at]
            elif elements[at]:
                use = known[at - 1] if at <= len(known) else HIDDEN
                elements[at] = self._element(elements[at], use, separators)
        return separators.element.join(elements)

    def _envelope(self, name: str, elements: list[str]) -> None:
        secrets, partners, count = _ENVELOPES[name]
        if name == "GS":
            self._made_on = day(_at(elements, 4))
        for at in range(1, len(elements)):
            if at in secrets or at > count:
                elements[at] = self.text(elements[at])
            elif at in partners:
                partner = elements[at].rstrip()
                elements[at] = self._partner(partner) + elements[at][len(partner) :]

    def _element(self, text: str, use: Element, separators: Separators) -> str:
        if use.parts:
            if separators.repetition in text and separators.repetition:
                repeated = text.split(separators.repetition)
                return separators.repetition.join(self._composite(each, use, separators) for each in repeated)
            return self._composite(text, use, separators)
        if separators.repetition and separators.repetition in text:
            return separators.repetition.join(self._value(each, use) for each in text.split(separators.repetition))
        return self._value(text, use)

    def _composite(self, text: str, use: Element, separators: Separators) -> str:
        parts = text.split(separators.component)
        for at, part in enumerate(parts):
            parts[at] = self._value(part, use.parts[min(at, len(use.parts) - 1)])
        return separators.component.join(parts)

    def _value(self, text: str, use: Element) -> str:
        if use.is_hidden:
            return self.text(text)
        return text if use.stays(text) else self._pseudonyms.outside(text, use.stays)

    def _special(self, name: str, elements: list[str]) -> dict[int, str]:
        """Return what stands in place of elements that depend on another one, or of which a part stays."""
        match name:
            case "NM1":
                special = self._party(elements, name_at=3, id_at=9, is_public=_at(elements, 2) == "2")
            case "N1":
                special = self._party(elements, name_at=2, id_at=4, is_public=True)
            case "SVD":
                special = {1: self._partner(_at(elements, 1))}
            case "N3":
                special = {at: self._street(_at(elements, at)) for at in (1, 2)}
            case "N4":
                code = _at(elements, 3)
                kept = _ZIP_KEPT if _DIGITS_AND_DASHES.fullmatch(code) else 0
                special = {3: code[:kept] + self.text(code[kept:])}
            case _ if name in _DAYS_OF_LIFE and _at(elements, 1) in _DAYS_OF_LIFE[name][0]:
                special = {at: self._day_of_life(_at(elements, at)) for at in _DAYS_OF_LIFE[name][1]}
            case _ if name in _BIRTHS:
                special = {_BIRTHS[name]: self._day_of_life(_at(elements, _BIRTHS[name]))}
            case _:
                special = {}
        return special

    def _party(self, elements: list[str], *, name_at: int, id_at: int, is_public: bool) -> dict[int, str]:
        """Return the name of a payer as it is, and the id of a partner as in the envelope."""
        kept = {}
        if is_public and _at(elements, 1) in _PAYER_ROLES:
            kept[name_at] = _at(elements, name_at)
        if is_public and _at(elements, id_at - 1) in _PARTNER_IDS:
            kept[id_at] = self._partner(_at(elements, id_at))
        return kept

    def _partner(self, text: str) -> str:
        """Return the id of a trading partner: as it is, unless it is a provider's or a tax id."""
        return self.text(text) if is_npi(text) or _TAX_ID.fullmatch(text) else text

    def _street(self, text: str) -> str:
        """Return another street; a box stays one, as a billing provider must not live there."""
        box = BOX.match(text)
        words = box[0].rstrip(digits) if box is not None else ""
        return words + self.text(text[len(words) :])

    def _day_of_life(self, text: str) -> str:
        """Return the first of January of a day's year, of each day that the text has."""
        return _RUN.sub(self._year, text) if _DIGITS_AND_DASHES.fullmatch(text) else self.text(text)

    def _year(self, run: "re.Match[str]") -> str:
        text = run[0]
        born = day(text[:_DAY_LENGTH]) if len(text) >= _DAY_LENGTH else None
        if born is None:
            return self._pseudonyms.outside(text, lambda other: len(other) == _DAY_LENGTH and day(other) is not None)
        is_later = self._made_on is not None and born > self._made_on  # of that year: it is a fault, and stays one
        return text[:4] + ("1231" if is_later else "0101") + "0" * (len(text) - _DAY_LENGTH)


def _at(elements: list[str], at: int) -> str:
    return elements[at] if at < len(elements) else ""
