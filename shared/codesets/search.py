"""Finding codes by how they begin, or by words of their titles: what somebody types who does not know the code.

Owns: the index over one table. Refuses: which table that is, and what holds for a code on a day (`edition.py`).
The titles themselves stay in the table; the index holds codes, each word once, and which titles have it.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from shared.codesets.icd10 import folded

FOUND_MAX: Final = 1_000
"""Codes that one search yields at most."""
_WORDS_MAX: Final = 12
_WORD: Final = re.compile(r"[^\W_]+")
_AFTER_ALL: Final = chr(0x10FFFF)


class CodeIndex:
    """The codes of one table, to be found. **Shape**: immutable; codes as they are stored, without dots."""

    def __init__(self, entries: Iterable[tuple[str, str | None]]) -> None:
        """Take codes with their titles, None where there is none.

        A code's number is its rank: of titles that have all words, that with the fewest others comes first.
        """
        once: dict[str, str] = {}
        worded = [
            (code, tuple(once.setdefault(word, word) for word in set(words_of(title or "")))) for code, title in entries
        ]
        worded.sort(key=lambda each: (len(each[1]), each[0]))
        self._codes: Final = tuple(code for code, _ in worded)
        self._by_code: Final = array("I", sorted(range(len(worded)), key=self._codes.__getitem__))
        having: dict[str, array[int]] = {}
        for number, (_, words) in enumerate(worded):
            for word in words:
                having.setdefault(word, array("I")).append(number)
        self._words: Final = tuple(sorted(having))
        self._having: Final = tuple(having[word] for word in self._words)

    def find(self, text: str) -> Iterator[str]:
        """Yield the codes that begin with a text, in order; where there is none, those whose titles have its words.

        **Shape**: each word of the text begins one of the title, whatever its case and accents; best first.
        """
        begun = self._beginning(text.strip().replace(".", "").upper())
        return begun or iter(self._worded(words_of(text)))

    def _beginning(self, start: str) -> Iterator[str] | None:
        first, end = (
            bisect_left(self._by_code, each, key=self._codes.__getitem__) for each in (start, start + _AFTER_ALL)
        )
        if not start or first == end:
            return None
        return (self._codes[number] for number in self._by_code[first : min(end, first + FOUND_MAX)])

    def _worded(self, words: Sequence[str]) -> Iterator[str]:
        asked = [word for word in set(words) if not any(other != word and other.startswith(word) for other in words)]
        parts = sorted(map(self._parts, asked[:_WORDS_MAX]), key=lambda parts: sum(map(len, parts)))
        found: set[int] | None = None
        for each in parts:
            having = set().union(*each)
            found = having if found is None else found & having
            if not found:
                break
        return (self._codes[number] for number in sorted(found or ())[:FOUND_MAX])

    def _parts(self, word: str) -> "Sequence[array[int]]":
        return self._having[bisect_left(self._words, word) : bisect_left(self._words, word + _AFTER_ALL)]


def words_of(text: str) -> list[str]:
    """Return the words of a text without case and accents."""
    return _WORD.findall(folded(text))
