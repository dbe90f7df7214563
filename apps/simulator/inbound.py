"""What came in: one interchange taken apart, or the reason (TA105) why it is refused as a whole.

Owns: which fault of an envelope is which TA1 code. A fault inside one transaction set is no matter of this file: the
999 names it, and the other sets of the interchange live on.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from shared.x12.elements import day
from shared.x12.interchange import CountMismatch, GroupHeader, InterchangeHeader, Loose, TransactionSet, parts
from shared.x12.malformed import MalformedX12, MisplacedSegment, NotAnX12Value
from shared.x12.separators import ISA_LENGTH, STANDARD, Separators, UnreadableISA, read_separators
from shared.x12.tokens import TruncatedInterchange
from shared.x12.writer import CannotBeWritten, identifier

UNSUPPORTED_VERSION: Final = "003"
NO_GROUP: Final = "021"
STRUCTURE: Final = "022"
TRUNCATED: Final = "023"
CONTENT: Final = "024"
DUPLICATE: Final = "025"
SEPARATORS: Final = "026"
VERSION: Final = "00501"
_NOT_SEPARATORS: Final = frozenset(" .-")  # amounts and our own words have them
_BLANK: Final = b" \t\r\n\xef\xbb\xbf"
_NO_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Address:
    """Whom the answers go to, and how: read from the ISA alone, as the rest may be unreadable."""

    sender: tuple[str, str] = ("ZZ", "UNKNOWN")
    receiver: tuple[str, str] = ("ZZ", "SIMCLEAR")
    control_number: str = "000000000"
    written: tuple[date, str] = (_NO_DAY, "0000")
    version: str = VERSION
    usage: str = "P"
    separators: Separators = field(default=STANDARD)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One interchange. **Shape**: `fault` is TA105, empty where the interchange can be taken."""

    address: Address
    fault: str = ""
    groups: tuple[tuple[GroupHeader, tuple[TransactionSet, ...]], ...] = ()


def take_apart(content: bytes) -> Inbound:
    """Return what an interchange holds, read to its end before anything is believed."""
    address = _address(content)
    if address is None:
        return Inbound(Address(), CONTENT)
    separators = address.separators
    if address.version != VERSION or not separators.repetition:
        return Inbound(address, UNSUPPORTED_VERSION)
    if not _NOT_SEPARATORS.isdisjoint(
        (separators.element, separators.component, separators.repetition, separators.terminator)
    ):
        return Inbound(replace(address, separators=STANDARD), SEPARATORS)
    return _inside(address, content) if content.isascii() else Inbound(address, CONTENT)


def _inside(address: Address, content: bytes) -> Inbound:
    groups: dict[str, tuple[GroupHeader, list[TransactionSet]]] = {}
    headers: set[InterchangeHeader] = set()
    try:
        for part in parts(content):
            headers.add(part.interchange)
            if isinstance(part, Loose):
                continue
            if not _can_be_answered(part):
                return Inbound(address, CONTENT)
            groups.setdefault(part.group.control_number, (part.group, []))[1].append(part)
    except MalformedX12 as error:
        return Inbound(address, _fault(error))
    fault = STRUCTURE if len(headers) > 1 else "" if groups else NO_GROUP
    return Inbound(address, fault, tuple((header, tuple(sets)) for header, sets in groups.values()))


def _can_be_answered(part: TransactionSet) -> bool:
    """Return whether what names a group and a set can stand in a 999."""
    group, separators = part.group, part.separators
    names = f"{group.functional_id}{group.control_number}{group.guide}{part.code}{part.control_number}{part.guide}"
    return names.isprintable() and separators.component not in names and separators.repetition not in names


def _fault(error: MalformedX12) -> str:
    match error:
        case TruncatedInterchange():
            return TRUNCATED
        case CountMismatch() | MisplacedSegment():
            return STRUCTURE
        case _:
            return CONTENT


def _address(content: bytes) -> Address | None:
    isa = content.lstrip(_BLANK)[:ISA_LENGTH].decode("latin-1")
    try:
        separators = read_separators(isa, offset=0, segment=1)
    except UnreadableISA:
        return None
    element = isa.split(separators.element)
    try:
        identifier(element[6].strip(), length_max=15)
        identifier(element[8].strip(), length_max=15)
        for qualifier in (element[5], element[7]):
            identifier(qualifier.strip(), length_max=2, required=False)
    except CannotBeWritten:
        return None
    if not (isa.isascii() and element[13].isdigit()):
        return None
    return Address(
        sender=(element[5], element[6].strip()),
        receiver=(element[7], element[8].strip()),
        control_number=element[13],
        written=(_written_on(element[9]), element[10]),
        version=element[12],
        usage=element[15],
        separators=separators,
    )


def _written_on(text: str) -> date:
    """Return ISA09, a day that no file is of where it is none."""
    try:
        return day(text)
    except NotAnX12Value:
        return _NO_DAY
