"""Values to bytes: clean text, segments without trailing blanks, envelopes whose counts are computed.

Owns: which characters go out, where an amount and a day get their form, ISA to IEA. Refuses: to choose control
numbers (a sequence per trading partner does, and a number belongs to one file's bytes), and to bend an identifier:
a text is made to fit, a number that others compare is refused instead. Next: the `write_…` functions of `sets/`.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Literal, TypeVar

from shared.kernel.errors import Rejected
from shared.kernel.money import Money
from shared.x12.separators import STANDARD, Separators

Value = TypeVar("Value")
_UNWRITABLE: Final = re.compile(r"[^ -~]|[~*:^>|`]")
"""What is not printable in ASCII, and what partners use as separators, whatever this file's are."""
_FOLDED: Final = str.maketrans(
    {
        "Ø": "O",
        "Ł": "L",
        "Đ": "D",
        "Æ": "AE",
        "Œ": "OE",
        "Þ": "TH",
        "Ð": "D",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
    }
)
_TEXT_MAX: Final = 60
_REMEMBERED_MAX: Final = 16_384  # names, places, days and amounts repeat
_CONTROL_NUMBERS: Final = range(1, 1_000_000_000)
_QUALIFIER: Final = 2  # characters of an ISA05 or ISA07: the header has a fixed width
_USAGES: Final = frozenset({"P", "T"})


class CannotBeWritten(Rejected):
    """A value has no place in the guide, or would not come back as it went: too long, reserved, missing, too many."""

    slug = "x12-cannot-be-written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who writes to whom, when, and under which numbers.

    **Shape**: ids at most 15 characters; `group_sender` and `group_receiver` are the ids again where left empty.
    **Units**: control numbers 1 to 999,999,999; `written_at` in the sender's own zone, as partners refuse tomorrow.
    """

    sender_id: str
    receiver_id: str
    written_at: datetime
    interchange_control_number: int
    group_control_number: int
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    group_sender: str = ""
    group_receiver: str = ""
    usage: Literal["T", "P"] = "P"
    acknowledgement_requested: bool = False
    separators: Separators = field(default=STANDARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetKind:
    """Which transaction set is written: ST01, GS01, and GS08, which is ST03 too where the set `has_guide`."""

    set_id: str
    functional_id: str
    guide: str
    has_guide: bool = True


@lru_cache(_REMEMBERED_MAX)
def sanitize(text: str, *, length_max: int = _TEXT_MAX) -> str:
    """Return what X12 can carry of a text: upper case, accents folded, no separators, no control characters.

    **Shape**: single spaces, none at the ends; empty where nothing is left. **Source**: RFI 28, RFI 2224.
    """
    kept = text.upper()
    if _UNWRITABLE.search(kept):  # of most texts nothing has to be folded
        kept = _UNWRITABLE.sub(_instead, unicodedata.normalize("NFKD", kept.translate(_FOLDED)).upper())
    return " ".join(kept.split())[:length_max].rstrip()


def _instead(found: re.Match[str]) -> str:
    """Return a blank for what separates words, nothing for an accent or a letter that has no counterpart."""
    return "" if unicodedata.category(found[0])[0] in "ML" else " "


def required(text: str, *, length_max: int = _TEXT_MAX) -> str:
    """Return what X12 can carry of a text that must be there. **Errors**: `CannotBeWritten` where nothing is left."""
    clean = sanitize(text, length_max=length_max)
    if not clean:
        raise CannotBeWritten("a required text has no character that X12 can carry")
    return clean


def identifier(text: str, *, length_max: int, required: bool = True) -> str:
    """Return an identifier as it is, since others compare it. **Errors**: `CannotBeWritten` where it would change."""
    if required and not text:
        raise CannotBeWritten("a required identifier is empty")
    if len(text) > length_max:
        raise CannotBeWritten("an identifier is longer than its element")
    if text.isalnum() and text.isascii():  # of most identifiers nothing more has to be asked
        return text
    if text != text.strip() or _UNWRITABLE.search(text):
        raise CannotBeWritten("an identifier has a reserved or unprintable character")
    return text


@lru_cache(_REMEMBERED_MAX)
def amount(cents: int) -> str:
    """Return an amount as X12 writes it: 8250 cents are `82.5`."""
    return Money(cents).decimal()


@lru_cache(_REMEMBERED_MAX)
def written_day(day: date | None) -> str:
    """Return a day as CCYYMMDD, nothing for None."""
    return day.isoformat().replace("-", "") if day else ""


@dataclass(frozen=True, slots=True)
class Repeated:
    """One element that is given several times. **Shape**: each value as a string, or as a tuple for a composite."""

    values: tuple[str | tuple[str, ...], ...]


class SetWriter:
    """The segments of one transaction set.

    **Shape**: `add` takes elements as strings, composites as tuples, what is given several times as `Repeated`. Whether
    a value brings a separator of its own is asked once, of all segments together: that takes a tenth of asking each.
    """

    __slots__ = ("_component", "_element", "_elements", "_joints", "_raw", "_repeats", "_repetition", "_terminator")

    def __init__(self, separators: Separators) -> None:
        self._element = separators.element
        self._component = separators.component
        self._repetition = separators.repetition
        self._terminator = separators.terminator
        self._elements = self._joints = self._repeats = 0
        self._raw: list[str] = []

    def add(self, *elements: str | tuple[str, ...] | Repeated) -> None:
        """Append a segment. **Errors**: `CannotBeWritten`, for some values from `raw` alone."""
        parts: list[str] = []
        for each in elements:
            if isinstance(each, str):
                parts.append(each)
            else:
                parts.append(composite := self._composite(each))
                self._joints += composite.count(self._component)
                self._repeats += composite.count(self._repetition) if isinstance(each, Repeated) else 0
        self._elements += len(parts) - 1
        self._raw.append(self._element.join(parts))

    def _composite(self, components: tuple[str, ...] | Repeated) -> str:
        if not isinstance(components, Repeated):
            composite = self._component.join(components)
            if composite.count(self._component) >= len(components) > 0:
                raise CannotBeWritten("a value has a character that this file cannot carry")
            return composite.rstrip(self._component)
        if len(components.values) > 1 and not self._repetition:
            raise CannotBeWritten("this file cannot repeat an element")
        each = [value if isinstance(value, str) else self._composite(value) for value in components.values]
        if self._repetition and any(self._repetition in value for value in each):
            raise CannotBeWritten("a value has a character that this file cannot carry")
        if any(self._component in value for value in components.values if isinstance(value, str)):
            raise CannotBeWritten("a value has a character that this file cannot carry")
        return self._repetition.join(each)

    def __len__(self) -> int:
        """Return how many segments were added."""
        return len(self._raw)

    def raw(self) -> list[str]:
        """Return the segments, without trailing empty elements. **Errors**: `CannotBeWritten`."""
        text = self._terminator.join(self._raw)
        if (  # a separator that is not ours came with a value
            text.count(self._element) != self._elements
            or text.count(self._component) != self._joints
            or (self._repetition and text.count(self._repetition) != self._repeats)
            or text.count(self._terminator) >= max(len(self._raw), 1)
            or not self._can_be_carried(text)
        ):
            raise CannotBeWritten("a value has a character that this file cannot carry")
        return [segment.rstrip(self._element) for segment in self._raw]

    def _can_be_carried(self, text: str) -> bool:
        for separator in (self._element, self._component, self._repetition, self._terminator):
            if separator and not separator.isprintable():
                text = text.replace(separator, "")
        return text.isascii() and text.isprintable()


def set_control_number(number: int) -> str:
    """Return an ST02: at least four digits. **Errors**: `CannotBeWritten`."""
    if number not in _CONTROL_NUMBERS:
        raise CannotBeWritten("a control number has one to nine digits")
    return f"{number:04d}"


def enclose_each(
    values: Sequence[Value],
    write: Callable[[SetWriter, Value], None],
    kind: SetKind,
    *,
    envelope: Envelope,
    first_control_number: int,
) -> bytes:
    """Return one interchange with one group, in which each value is an ST of its own, numbered on.

    **Shape**: `write` appends what stands between ST and SE. **Errors**: `CannotBeWritten`, also for no values.
    """
    if not values:
        raise CannotBeWritten("a file has at least one transaction set")
    sets = []
    for number, value in enumerate(values, start=first_control_number):
        out = SetWriter(envelope.separators)
        write(out, value)
        header = (kind.set_id, set_control_number(number))
        sets.append(((*header, kind.guide) if kind.has_guide else header, out))
    return enclose(sets, envelope=envelope, functional_id=kind.functional_id, guide=kind.guide)


def enclose(
    sets: Sequence[tuple[tuple[str, ...], SetWriter]], *, envelope: Envelope, functional_id: str, guide: str
) -> bytes:
    """Return one interchange with one group around transaction sets.

    **Shape**: each set comes as the elements of its ST (`("837", "0001", guide)`) and the segments behind it, without
    SE. One ISA, one GS, no line breaks. **Errors**: `CannotBeWritten`.
    """
    group_number = str(_checked(envelope.group_control_number))
    lines = [
        _join(
            envelope,
            "GS",
            functional_id,
            identifier(envelope.group_sender or envelope.sender_id, length_max=15),
            identifier(envelope.group_receiver or envelope.receiver_id, length_max=15),
            f"{envelope.written_at:%Y%m%d}",
            f"{envelope.written_at:%H%M}",
            group_number,
            "X",
            guide,
        )
    ]
    for header, body in sets:
        lines.append(_join(envelope, "ST", *header))
        lines.extend(body.raw())
        lines.append(_join(envelope, "SE", str(len(body) + 2), header[1]))
    lines.append(_join(envelope, "GE", str(len(sets)), group_number))
    return enclose_loose(lines, envelope=envelope, groups=1)


def enclose_loose(lines: Sequence[str], *, envelope: Envelope, groups: int = 0) -> bytes:
    """Return one interchange around finished segments, such as a TA1. **Errors**: `CannotBeWritten`."""
    number = f"{_checked(envelope.interchange_control_number):09d}"
    iea = _join(envelope, "IEA", str(groups), number)
    terminator = envelope.separators.terminator
    return (_isa(envelope, number) + terminator + terminator.join([*lines, iea]) + terminator).encode("ascii")


def _isa(envelope: Envelope, number: str) -> str:
    for qualifier in (envelope.sender_qualifier, envelope.receiver_qualifier):
        if len(qualifier) != _QUALIFIER or _UNWRITABLE.search(qualifier):
            raise CannotBeWritten("a qualifier of the envelope has two characters")
    if envelope.usage not in _USAGES:
        raise CannotBeWritten("a file is a test (T) or productive (P)")
    return _join(
        envelope,
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        envelope.sender_qualifier,
        identifier(envelope.sender_id, length_max=15).ljust(15),
        envelope.receiver_qualifier,
        identifier(envelope.receiver_id, length_max=15).ljust(15),
        f"{envelope.written_at:%y%m%d}",
        f"{envelope.written_at:%H%M}",
        envelope.separators.repetition or "U",
        "00501" if envelope.separators.repetition else "00401",
        number,
        "1" if envelope.acknowledgement_requested else "0",
        envelope.usage,
        envelope.separators.component,
    )


def _join(envelope: Envelope, *elements: str) -> str:
    """Return a segment of the envelope. **Errors**: `CannotBeWritten` where an id has a separator of the file."""
    separators = envelope.separators
    if any(separators.element in each or separators.terminator in each for each in elements):
        raise CannotBeWritten("an id of the envelope has a separator of the file")
    return separators.element.join(elements)


def _checked(number: int) -> int:
    if number not in _CONTROL_NUMBERS:
        raise CannotBeWritten("a control number has one to nine digits")
    return number
