"""Envelopes: ISA/IEA around GS/GE around ST/SE; every count and control number is compared, none is believed.

Owns: which transaction sets a file holds, and whether all of it arrived. Refuses: what a set means (`sets/`), and to
judge whether control numbers were seen before, which needs memory that a pure module has not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final, TypeAlias

from shared.kernel.errors import Malformed
from shared.x12.elements import count, day
from shared.x12.malformed import MalformedX12, MisplacedSegment, UnexpectedTransaction, UnreadableSegment
from shared.x12.separators import Separators
from shared.x12.tokens import Segment, Source, indent, readable, runs

_BLANK: Final = " \t\r\n"


class CountMismatch(MalformedX12):
    """A trailer counts other than what stands before it: something is missing, or was added on the way."""

    slug = "x12-count-mismatch"


class ControlNumberMismatch(MalformedX12):
    """A trailer has another control number than its header, or two sets of a group share one."""

    slug = "x12-control-number-mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeHeader:
    """What an ISA says. **Shape**: ids without their padding; `control_number` as written, nine digits."""

    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    receiver_id: str
    written_on: date
    written_time: str
    version: str
    control_number: str
    acknowledgement_requested: bool
    usage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHeader:
    """What a GS says: GS01 to GS06, and the guide (GS08)."""

    functional_id: str
    sender_code: str
    receiver_code: str
    written_on: date
    written_time: str
    control_number: str
    guide: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionSet:
    """One ST to SE with what encloses it.

    **Shape**: `raw` are its segments, ST and SE included, without terminators; `offsets` where each begins in the
    file; `index` the number of the ST. `guide` is ST03, or GS08 where the set has none.
    """

    interchange: InterchangeHeader
    group: GroupHeader
    separators: Separators
    code: str
    control_number: str
    guide: str
    raw: tuple[str, ...] = field(repr=False)
    offsets: tuple[int, ...] = field(repr=False)
    index: int

    def segments(self) -> Iterator[Segment]:
        """Return its segments, split."""
        element = self.separators.element
        for number, (raw, offset) in enumerate(zip(self.raw, self.offsets, strict=True)):
            yield Segment(tuple(raw.split(element)), self.index + number, offset)

    def unreadable(self, at: int, rule: str) -> UnreadableSegment:
        """Return the error that says where segment `at` of this set stands."""
        segment_id = self.raw[at].partition(self.separators.element)[0]
        return UnreadableSegment(rule, offset=self.offsets[at], segment=self.index + at, segment_id=segment_id)

    def misplaced(self, at: int, rule: str) -> MisplacedSegment:
        """Return the error that says where segment `at` of this set stands."""
        segment_id = self.raw[at].partition(self.separators.element)[0]
        return MisplacedSegment(rule, offset=self.offsets[at], segment=self.index + at, segment_id=segment_id)

    def expect(self, code: str) -> None:
        """Refuse another transaction set than the one that is to be read. **Errors**: `UnexpectedTransaction`."""
        if self.code != code:
            raise UnexpectedTransaction(
                f"this is no {code}", offset=self.offsets[0], segment=self.index, segment_id="ST"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """A TA1 or another segment that stands in an interchange outside its groups."""

    interchange: InterchangeHeader
    separators: Separators
    raw: str = field(repr=False)
    offset: int
    index: int

    def unreadable(self, rule: str) -> UnreadableSegment:
        """Return the error that says where this segment stands."""
        segment_id = self.raw.partition(self.separators.element)[0]
        return UnreadableSegment(rule, offset=self.offset, segment=self.index, segment_id=segment_id)


Part: TypeAlias = TransactionSet | Loose


def transaction_sets(source: Source) -> Iterator[TransactionSet]:
    """Return the transaction sets of a file, one alive at a time. **Errors**: as `parts`."""
    return (part for part in parts(source) if isinstance(part, TransactionSet))


def parts(source: Source) -> Iterator[Part]:
    """Return what the interchanges of a file hold, in order.

    **Shape**: a fault behind a set is found after the set was returned; who acts on a file reads it to its end first.
    **Errors**: `UnreadableISA`, `TruncatedInterchange`, `SegmentTooLong`, `CountMismatch`, `ControlNumberMismatch`,
    `MisplacedSegment`, `UnreadableSegment`.
    """
    walk = _Walk()
    for run in runs(source):
        offset, index = run.offset, run.first
        element = run.separators.element
        structural = {tag + element for tag in ("ST", "SE", "GS", "GE")} | {"ISA", "IEA"}
        walk.separators = run.separators
        for piece in run.pieces:
            raw = piece.strip(_BLANK)
            if raw:
                index += 1
                if not raw.isascii():
                    raw = readable(raw)
                start = offset if raw[0] == piece[0] else offset + indent(piece)
                if raw[:3] not in structural and walk.body is not None:
                    walk.body.append(raw)
                    walk.offsets.append(start)
                elif (part := walk.step(raw, start, index)) is not None:
                    yield part
            offset += len(piece) + 1
    walk.end()


def body_hash(transaction: TransactionSet) -> str:
    """Return SHA-256 over what stands between ST and SE, in hexadecimal, whatever the separators are.

    A resend has new control numbers, and maybe another writer's separators; what it says is the same.
    """
    separators = transaction.separators
    body = "\x1c".join(transaction.raw[1:-1]).replace(separators.element, "\x1d")
    if separators.repetition:
        body = body.replace(separators.repetition, "\x1e")
    return sha256(body.replace(separators.component, "\x1f").encode()).hexdigest()


class _Walk:
    """The envelopes that are open while a file is read."""

    __slots__ = (
        "body",
        "group",
        "groups",
        "index",
        "interchange",
        "loose",
        "numbers",
        "offset",
        "offsets",
        "separators",
    )

    def __init__(self) -> None:
        self.separators = Separators()
        self.interchange: InterchangeHeader | None = None
        self.group: GroupHeader | None = None
        self.body: list[str] | None = None
        self.offsets: list[int] = []
        self.numbers: set[str] = set()
        self.groups = self.loose = self.offset = self.index = 0

    def step(self, raw: str, offset: int, index: int) -> Part | None:
        """Return what a structural segment completes."""
        self.offset, self.index = offset, index
        elements = (raw + self.separators.element * 16).split(self.separators.element)
        try:
            return self._dispatch(elements, raw)
        except MalformedX12:
            raise
        except Malformed as error:
            raise UnreadableSegment(str(error), offset=offset, segment=index, segment_id=elements[0]) from None

    def end(self) -> None:
        """Refuse a file that ends inside an interchange, or has none."""
        if self.interchange is not None or not self.index:
            raise MisplacedSegment("a file is whole interchanges", offset=self.offset, segment=self.index)

    def _dispatch(self, elements: list[str], raw: str) -> Part | None:
        match elements[0]:
            case "ISA":
                self._open_interchange(elements)
            case "IEA":
                self._close_interchange(elements)
            case "GS":
                self._open_group(elements)
            case "GE":
                self._close_group(elements)
            case "ST":
                self._open_set(elements, raw)
            case "SE":
                return self._close_set(elements, raw)
            case _:
                return self._loose(raw)
        return None

    def _place(self, *, outside: object, inside: object = True) -> None:
        if outside or not inside:
            raise MisplacedSegment("an envelope is not closed, or not open", offset=self.offset, segment=self.index)

    def _same(self, trailer: str, header: str) -> None:
        if trailer != header:
            raise ControlNumberMismatch("header and trailer differ", offset=self.offset, segment=self.index)

    def _counted(self, said: str, found: int) -> None:
        if count(said) != found:
            raise CountMismatch("the trailer counts otherwise", offset=self.offset, segment=self.index)

    def _open_interchange(self, isa: list[str]) -> None:
        self._place(outside=self.interchange)
        count(isa[13])
        self.interchange = InterchangeHeader(
            sender_qualifier=isa[5],
            sender_id=isa[6].rstrip(),
            receiver_qualifier=isa[7],
            receiver_id=isa[8].rstrip(),
            written_on=day(isa[9]),
            written_time=isa[10],
            version=isa[12],
            control_number=isa[13],
            acknowledgement_requested=isa[14] == "1",
            usage=isa[15],
        )
        self.groups = self.loose = 0

    def _close_interchange(self, iea: list[str]) -> None:
        self._place(outside=self.group, inside=self.interchange)
        assert self.interchange is not None  # noqa: S101 (told to the type checker; `_place` refused it)
        self._same(iea[2], self.interchange.control_number)
        if not (self.loose and not self.groups and count(iea[1]) == 1):  # some partners count a lone TA1 as a group
            self._counted(iea[1], self.groups)
        self.interchange = None

    def _open_group(self, gs: list[str]) -> None:
        self._place(outside=self.group, inside=self.interchange)
        self.group = GroupHeader(
            functional_id=gs[1],
            sender_code=gs[2],
            receiver_code=gs[3],
            written_on=day(gs[4]),
            written_time=gs[5],
            control_number=gs[6],
            guide=gs[8],
        )
        self.groups += 1
        self.numbers = set()

    def _close_group(self, ge: list[str]) -> None:
        self._place(outside=self.body is not None, inside=self.group)
        assert self.group is not None  # noqa: S101 (told to the type checker; `_place` refused it)
        self._same(ge[2], self.group.control_number)
        self._counted(ge[1], len(self.numbers))
        self.group = None

    def _open_set(self, st: list[str], raw: str) -> None:
        self._place(outside=self.body is not None, inside=self.group)
        if st[2] in self.numbers:
            raise ControlNumberMismatch("two sets of a group share one", offset=self.offset, segment=self.index)
        self.numbers.add(st[2])
        self.body, self.offsets = [raw], [self.offset]

    def _close_set(self, se: list[str], raw: str) -> TransactionSet:
        self._place(outside=False, inside=self.body)
        assert self.body is not None and self.group is not None and self.interchange is not None  # noqa: S101, PT018 (as above)
        self.body.append(raw)
        self.offsets.append(self.offset)
        st = (self.body[0] + self.separators.element * 4).split(self.separators.element)
        self._same(se[2], st[2])
        self._counted(se[1], len(self.body))
        transaction = TransactionSet(
            interchange=self.interchange,
            group=self.group,
            separators=self.separators,
            code=st[1],
            control_number=st[2],
            guide=st[3] or self.group.guide,
            raw=tuple(self.body),
            offsets=tuple(self.offsets),
            index=self.index - len(self.body) + 1,
        )
        self.body = None
        return transaction

    def _loose(self, raw: str) -> Loose:
        self._place(outside=self.group, inside=self.interchange)
        assert self.interchange is not None  # noqa: S101 (told to the type checker; `_place` refused it)
        self.loose += 1
        return Loose(
            interchange=self.interchange, separators=self.separators, raw=raw, offset=self.offset, index=self.index
        )
