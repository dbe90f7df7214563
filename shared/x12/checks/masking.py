"""Personal data out of a file, and its structure kept: the same text becomes the same other text, everywhere.

Owns: which elements name a person or an account, and what stands there instead. Refuses: to make a file anonymous in
the sense of a law: days of service, amounts, diagnoses, states and the first three digits of postal codes stay.

Letters become letters, digits digits, all else stays, so that lengths, types and separators are what they were. Two
texts never become one (each step can be undone by who has the key), so nothing is a duplicate that was none before. An
NPI becomes an NPI, a birth date an earlier day, by less than a year.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final

from shared.kernel.identifiers import is_npi
from shared.x12.checks.datatypes import day
from shared.x12.checks.dictionary import segments
from shared.x12.separators import Separators
from shared.x12.tokens import Source, blocks

_ALPHABETS: Final = {mark: alphabet for alphabet in (ascii_uppercase, ascii_lowercase, digits) for mark in alphabet}
_REMEMBERED_MAX: Final = 65_536
_NPI_LENGTH: Final = 10
_ZIP_KEPT: Final = 3
_PLAIN: Final = {
    "BHT": (3,), "BPR": (7, 9, 13, 15), "CLM": (1,), "CLP": (1, 7), "CN1": (4,), "CR1": (7, 8, 9, 10),
    "CR2": (10, 11), "CR3": (5,), "DN1": (4,), "DN2": (1,), "EB": (5,), "FRM": (3,), "HCP": (4,), "III": (4,),
    "IK4": (4,), "K3": (1,), "MPI": (4,), "MSG": (1,), "N2": (1, 2), "N3": (1, 2), "NTE": (2,), "PER": (2, 4, 6, 8),
    "PWK": (6, 7), "QTY": (4,), "RDM": (2, 3, 4, 5), "SBR": (3, 4), "STC": (12,), "SV3": (7,), "TRN": (2, 4),
}  # fmt: skip
"""Elements that are masked whatever stands beside them."""
_DESCRIPTIONS: Final = {
    "SV1": (1,), "SV2": (2,), "SV3": (1,), "SV5": (1,), "SVC": (1, 6), "SVD": (3,), "EB": (13,), "EQ": (2,),
}  # fmt: skip
"""Composites of a procedure, whose seventh component is free text."""
_BIRTHS: Final = {"DMG": (1, 2), "PAT": (5, 6), "INS": (11, 12)}
"""Days of birth and death: where their format stands, and where the day."""
_CODES_IN_REF: Final = frozenset({"4N", "F5", "T4", "P4", "2U", "1K9", "APC", "XZ9"})
_PUBLIC_IDS: Final = frozenset({"46", "PI", "XV"})
_PAYER_ROLES: Final = frozenset({"PR", "40", "ACV", "AY", "TT"})
_ENVELOPE: Final = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"})
_SHORT: Final = 3
_EARLIER_DAYS_MAX: Final = 364


def mask(source: Source, *, key: bytes) -> Iterator[bytes]:
    """Yield a file without its personal data, segment by segment, without line breaks between them.

    **Shape**: one key gives one result; who has no key cannot go back. Memory does not grow with the file.
    **Errors**: `UnreadableISA`, `TruncatedInterchange`, `SegmentTooLong`.
    """
    masker = Masker(key)
    for block in blocks(source):
        separators = block.separators
        for raw in block.raw:
            text = masker.segment(raw, separators) + separators.terminator
            try:
                yield text.encode("latin-1")
            except UnicodeEncodeError:
                yield text.encode()


class Masker:
    """What becomes of each text under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = blake2b(key, digest_size=32).digest()
        self.text = lru_cache(_REMEMBERED_MAX)(self._text)
        """Return another text of the same form."""

    def segment(self, raw: str, separators: Separators) -> str:
        """Return a segment without personal data."""
        elements = raw.split(separators.element)
        name = elements[0]
        if name == "ISA":
            self._replace(elements, 2)
            self._replace(elements, 4)
        if name in _ENVELOPE:
            return separators.element.join(elements)
        if name not in segments():
            kept = (each if len(each) <= _SHORT else self.text(each) for each in elements[1:])
            return separators.element.join((name, *kept))
        for at in _PLAIN.get(name, ()):
            self._replace(elements, at)
        for at in _DESCRIPTIONS.get(name, ()):
            self._component(elements, at, 7, separators)
        if name in _BIRTHS:
            self._birth(elements, *_BIRTHS[name])
        self._special(name, elements, separators)
        return separators.element.join(elements)

    def _special(self, name: str, elements: list[str], separators: Separators) -> None:
        """Mask what depends on a qualifier."""
        match name:
            case "NM1" | "N1":
                self._party(elements, is_n1=name == "N1")
            case "N4":
                self._place(elements)
            case "REF" if _at(elements, 1) not in _CODES_IN_REF:
                self._replace(elements, 2)
                self._replace(elements, 3)
                self._component(elements, 4, 2, separators)
            case "PLB":
                self._provider(elements, 1)
                for at in range(3, len(elements), 2):
                    self._component(elements, at, 2, separators)
            case "PS1":
                self._provider(elements, 1)
            case "TS3" | "PRV" if name == "TS3" or _at(elements, 2) != "PXC":
                self._provider(elements, 1 if name == "TS3" else 3)
            case "CTX":
                self._component(elements, 1, 2, separators)
            case _:
                pass

    def _party(self, elements: list[str], *, is_n1: bool) -> None:
        is_person = not is_n1 and _at(elements, 2) == "1"
        is_public = _at(elements, 1) in _PAYER_ROLES and not is_person
        for at in (2,) if is_n1 else (3, 4, 5, 12):
            if not is_public:
                self._replace(elements, at)
        qualifier, at = (_at(elements, 3), 4) if is_n1 else (_at(elements, 8), 9)
        if is_person or qualifier not in _PUBLIC_IDS:
            self._provider(elements, at)

    def _place(self, elements: list[str]) -> None:
        self._replace(elements, 1)
        code = _at(elements, 3)
        if code:
            elements[3] = code[:_ZIP_KEPT] + self.text(code)[_ZIP_KEPT:]

    def _birth(self, elements: list[str], qualifier: int, at: int) -> None:
        born = day(_at(elements, at))
        if born is not None and _at(elements, qualifier) == "D8":
            other = date.fromordinal(born.toordinal() - 1 - self._number(_at(elements, at)) % _EARLIER_DAYS_MAX)
            elements[at] = f"{other:%Y%m%d}"
        else:
            self._replace(elements, at)

    def _provider(self, elements: list[str], at: int) -> None:
        text = _at(elements, at)
        if is_npi(text):
            elements[at] = self.npi(text)
        else:
            self._replace(elements, at)

    def _replace(self, elements: list[str], at: int) -> None:
        if _at(elements, at):
            elements[at] = self.text(elements[at])

    def _component(self, elements: list[str], at: int, component: int, separators: Separators) -> None:
        """Mask one component of a composite, wherever the composite is repeated."""
        if not _at(elements, at):
            return
        repeated = elements[at].split(separators.repetition) if separators.repetition else [elements[at]]
        for n, composite in enumerate(repeated):
            parts = composite.split(separators.component)
            if len(parts) >= component:
                parts[component - 1] = self.text(parts[component - 1])
                repeated[n] = separators.component.join(parts)
        elements[at] = separators.repetition.join(repeated)

    def npi(self, text: str) -> str:
        """Return another NPI."""
        body = text[0] + self.text(text[1:9])
        return next(body + check for check in digits if is_npi(body + check))

    def _text(self, text: str) -> str:
        """Return a text shifted forward, then backward, so that every character depends on every other one."""
        once = self._shifted(text)
        return self._shifted(once[::-1])[::-1]

    def _shifted(self, text: str) -> str:
        out = []
        for at, mark in enumerate(text):
            alphabet = _ALPHABETS.get(mark, "")
            if alphabet:
                shift = self._number(text[:at]) % len(alphabet)
                out.append(alphabet[(alphabet.index(mark) + shift) % len(alphabet)])
            else:
                out.append(mark if mark.isascii() else "X")
        return "".join(out)

    def _number(self, text: str) -> int:
        return int.from_bytes(blake2b(text.encode(), key=self._key, digest_size=8).digest())


def _at(elements: list[str], at: int) -> str:
    return elements[at] if at < len(elements) else ""
