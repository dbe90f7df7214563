"""How a rule of a payer names codes: one (`E119`), all that begin so (`E11*`), or from one to another (`E10-E14`).

Owns: the forms of codes, and matching. A range compares as many characters as it names: `E10-E14` has E149 in it.
Refuses: whether a code exists, which no rule of a payer asks.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias, get_args

from services.validation.domain.authorized import Standing
from shared.codesets.icd10cm import stored_form
from shared.kernel.identifiers import is_npi

Matches: TypeAlias = Callable[[tuple[str, ...]], bool]
"""Whether one of some codes is meant."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """What one kind of code looks like.

    **Shape**: `start` is how one may begin, None where codes are named one by one; `stored` writes a text as claims do.
    """

    whole: Callable[[str], object]
    start: Callable[[str], object] | None = None
    stored: Callable[[str], str] = str.upper


def _closed(*values: str) -> Form:
    return Form(whole=frozenset(values).__contains__, stored=str.lower)


def _form(whole: str, start: str | None = None, stored: Callable[[str], str] = str.upper) -> Form:
    return Form(
        whole=re.compile(whole).fullmatch, start=None if start is None else re.compile(start).fullmatch, stored=stored
    )


PROCEDURE: Final = _form(r"[0-9A-Z][0-9]{3}[0-9A-Z]", r"[0-9A-Z][0-9]{0,3}[0-9A-Z]?")
MODIFIER: Final = _form(r"[0-9A-Z]{2}", r"[0-9A-Z]{1,2}")
DIAGNOSIS: Final = _form(r"[A-Z][0-9][0-9A-Z]{1,5}", r"[A-Z]([0-9][0-9A-Z]{0,5})?", stored_form)
PLACE: Final = _form(r"[0-9]{2}", r"[0-9]{1,2}")
TAXONOMY: Final = _form(r"[0-9A-Z]{9}X", r"[0-9A-Z]{1,10}")
INDICATOR: Final = _form(r"[0-9A-Z]{2}")
PAYER: Final = _form(r"[\x21-\x7e]{1,80}", stored=str)
NPI: Final = Form(whole=is_npi)
SEX: Final = _closed("female", "male", "unknown")
ORDER: Final = _closed("primary", "secondary", "tertiary")
KIND: Final = _closed("person", "organization")
AUTHORIZATION: Final = _closed(*get_args(Standing))
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY: Final = _closed(*WEEKDAYS)


def fault(pattern: str, form: Form) -> str | None:
    """Return what is wrong with a pattern in its stored form, None where nothing is."""
    if form.start is None:
        return None if form.whole(pattern) else "code-form"
    first, dash, last = pattern.partition("-")
    if not dash:
        fits = form.start(pattern[:-1]) if pattern.endswith("*") else form.whole(pattern)
        return None if fits else "code-form"
    if len(first) != len(last) or not (form.start(first) and form.start(last)):
        return "range-form"
    return "range-reversed" if first > last else None


def matcher(patterns: Iterable[str], form: Form) -> Matches:
    """Return what tells whether one of some codes is meant by one of the patterns."""
    exact, starts, ranges = _sorted(patterns, form)
    if not starts and not ranges:
        return lambda codes: not exact.isdisjoint(codes)

    def matches(codes: tuple[str, ...]) -> bool:
        for code in codes:
            if code in exact or code.startswith(starts):
                return True
            for first, last, length in ranges:
                if first <= code[:length] <= last:
                    return True
        return False

    return matches


def _sorted(
    patterns: Iterable[str], form: Form
) -> tuple[frozenset[str], tuple[str, ...], tuple[tuple[str, str, int], ...]]:
    exact, starts, ranges = set[str](), list[str](), list[tuple[str, str, int]]()
    for pattern in patterns:
        first, dash, last = pattern.partition("-")
        if form.start is None or (not dash and not pattern.endswith("*")):
            exact.add(pattern)
        elif dash:
            ranges.append((first, last, len(first)))
        else:
            starts.append(pattern[:-1])
    return frozenset(exact), tuple(starts), tuple(ranges)
