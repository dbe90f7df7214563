"""A text becomes another one of the same form, under a key: the same text the same other one, everywhere.

Owns: what form is, and that nothing is lost. Refuses: which texts (`masking.py`). Letters become letters, digits
digits, capitals capitals; marks stay, so that lengths, types and separators are what they
were. Two texts never become one, as each step can be undone by who has the key: nothing is a duplicate that was none
before. An NPI becomes an NPI, and nothing else does.
"""

import sys
from bisect import bisect_left
from collections.abc import Callable
from functools import cache, lru_cache
from hashlib import blake2b
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final

from shared.kernel.identifiers import is_npi

_CAPITALS: Final = "".join(map(chr, (*range(0xC0, 0xD7), *range(0xD8, 0xDF))))
_SMALL: Final = "".join(map(chr, (*range(0xDF, 0xF7), *range(0xF8, 0x100))))
_ALPHABETS: Final = {
    mark: (alphabet, at)
    for alphabet in (ascii_uppercase, ascii_lowercase, digits, _CAPITALS, _SMALL)
    for at, mark in enumerate(alphabet)
}
_LATIN_1_MAX: Final = 0xFF
_REMEMBERED_MAX: Final = 65_536
_REMEMBERED_LENGTH_MAX: Final = 100
_NPI_LENGTH: Final = 10


class Pseudonyms:
    """What becomes of each text under one key. **Shape**: memory has an end, time grows with the text alone."""

    __slots__ = ("_key", "_short")

    def __init__(self, key: bytes) -> None:
        self._key = blake2b(key, digest_size=32).digest()
        self._short = lru_cache(_REMEMBERED_MAX)(self._text)

    def text(self, text: str) -> str:
        """Return another text of the same form."""
        return self._short(text) if len(text) <= _REMEMBERED_LENGTH_MAX else self._text(text)

    def outside(self, text: str, stays: Callable[[str], bool]) -> str:
        """Return another text that is none of those that stay, as this one is none: nothing new looks like a code."""
        other = self.text(text)
        while stays(other):  # ends: the texts of a form are walked in rings, and this ring has `text` itself in it
            other = self.text(other)
        return other

    def _text(self, text: str) -> str:
        if len(text) != _NPI_LENGTH:
            return self._other(text)
        if is_npi(text):
            body = text[0] + self._other(text[1:-1])
            return next(body + check for check in digits if is_npi(body + check))
        other = self._other(text)
        while is_npi(other):
            other = self._other(other)
        return other

    def _other(self, text: str) -> str:
        """Return a text shifted forward, then backward, so that every character depends on every other one."""
        return self._shifted(self._shifted(text)[::-1])[::-1]

    def _shifted(self, text: str) -> str:
        """Return each character shifted by a number that those before it make."""
        before, out = blake2b(key=self._key, digest_size=8), []
        for mark in text:
            shift = int.from_bytes(before.copy().digest())
            before.update(mark.encode())
            known = _ALPHABETS.get(mark)
            if known is not None:
                alphabet, at = known
                out.append(alphabet[(at + shift) % len(alphabet)])
            else:
                out.append(_beyond(mark, shift))
        return "".join(out)


def _beyond(mark: str, shift: int) -> str:
    """Return a letter or number of any other script of the world shifted; marks stay."""
    if mark.isascii() or not mark.isalnum() or ord(mark) <= _LATIN_1_MAX:
        return mark
    alphabet = _rest_of_the_world(letters=mark.isalpha())
    return alphabet[(bisect_left(alphabet, mark) + shift) % len(alphabet)]


@cache
def _rest_of_the_world(*, letters: bool) -> str:
    """Return all letters outside Latin-1, or all other characters that count."""
    found = (chr(code) for code in range(_LATIN_1_MAX + 1, sys.maxunicode + 1))
    return "".join(mark for mark in found if mark.isalnum() and mark.isalpha() is letters)
