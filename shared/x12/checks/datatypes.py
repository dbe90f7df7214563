"""Whether a text is of an element's type. **Source**: X12.6 on types, X12.3 on lengths, code source 1250 on formats."""

import re
from datetime import date
from typing import Final

from shared.x12 import elements
from shared.x12.checks.dictionary import Shape
from shared.x12.malformed import NotAnX12Value

_NUMBER: Final = re.compile(r"-?\d+")
_DECIMAL: Final = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_AMOUNT: Final = re.compile(r"-?(?:\d+\.?\d{0,2}|\.\d{1,2})")
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{1,2})?)?")
_UNWRITABLE: Final = re.compile(r"[^ -~]")
_DAY_DIGITS: Final = 8


def faults(text: str, shape: Shape, length_max: int) -> tuple[str, ...]:
    """Return the ids of the rules of level 1 that a text breaks; empty: none."""
    if _UNWRITABLE.search(text):
        return ("1-character",)
    if text.isspace():
        return ("1-blank",)
    size, found = len(text), _typed(text, shape)
    if shape.kind in {"R", "M", "N0"}:
        size -= text.count("-") + text.count(".")
    elif text.endswith(" ") and shape.length_min != shape.length_max:
        found.append("1-padded")
        size = len(text.rstrip())
    if not found or found == ["1-padded"]:
        if size < shape.length_min:
            found.append("1-too-short")
        elif size > length_max:
            found.append("1-too-long")
    return tuple(found)


def _typed(text: str, shape: Shape) -> list[str]:
    match shape.kind:
        case "N0" if not _NUMBER.fullmatch(text):
            return ["1-number"]
        case "R" if not _DECIMAL.fullmatch(text):
            return ["1-number"]
        case "M" if not _AMOUNT.fullmatch(text):
            return ["1-amount" if _DECIMAL.fullmatch(text) else "1-number"]
        case "DT" if not is_day(text):
            return ["1-date"]
        case "TM" if not _TIME.fullmatch(text):
            return ["1-time"]
        case _:
            return []


def is_number(text: str) -> bool:
    """Return whether a text is digits and nothing else, so that it can be counted with."""
    return text.isascii() and text.isdigit()  # a raised 2 is a digit, and no number


def is_day(text: str) -> bool:
    """Return whether a text is CCYYMMDD or YYMMDD of the calendar."""
    return day(text) is not None


def day(text: str) -> date | None:
    """Return the day of a text, None where it is none."""
    try:
        return elements.day(text)
    except NotAnX12Value:
        return None


def formatted_fault(qualifier: str, text: str) -> str | None:
    """Return the rule that a text breaks whose format a qualifier names, such as D8 or RD8; None: none it knows of."""
    match qualifier:
        case "D8":
            return None if len(text) == _DAY_DIGITS and is_day(text) else "1-date"
        case "RD8":
            first, dash, last = text.partition("-")
            whole = dash and len(first) == len(last) == _DAY_DIGITS and is_day(first) and is_day(last)
            return ("1-period" if last < first else None) if whole else "1-date"
        case "DT":
            return None if _is_moment(text) else "1-date"
        case "RDT":
            first, _, last = text.partition("-")
            return ("1-period" if last < first else None) if _is_moment(first) and _is_moment(last) else "1-date"
        case "TM":
            return None if _TIME.fullmatch(text) else "1-time"
        case _:
            return None


def _is_moment(text: str) -> bool:
    return is_day(text[:_DAY_DIGITS]) and _TIME.fullmatch(text[_DAY_DIGITS:]) is not None
