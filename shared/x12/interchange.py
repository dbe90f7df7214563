"""Envelopes: ISA/IEA around GS/GE around ST/SE; every count and control number is compared, none is believed.

Owns: which transaction sets a file holds, and whether all of it arrived. Refuses: what a set means (`sets/`), and to
judge whether control numbers were seen before, which needs memory that a pure module has not. Two ways to read: whole
sets (`parts`, `transaction_sets`), or sets that are still coming (`open_sets`), loop by loop, in flat memory.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Final, TypeAlias

from shared.kernel.errors import Malformed
from shared.x12.elements import count, day
from shared.x12.loops import (
    LOOP_BYTES_MAX,
    LOOP_SEGMENTS_MAX,
    SETS_MAX,
    WHOLE_SET,
    ControlNumbers,
    Loop,
    marks,
)
from shared.x12.malformed import (
    MalformedX12,
    MisplacedSegment,
    NotAnX12Value,
    UnexpectedTransaction,
    UnreadableSegment,
)
from shared.x12.separators import Separators
from shared.x12.tokens import BLOCK_BYTES, Block, Segment, Source, blocks

_STRUCTURE: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA")


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


@dataclass(frozen=True, kw_only=True)
class TransactionSet:
    """One ST to SE with what encloses it, whole.

    **Shape**: `raw` are its segments, ST and SE included, without terminators; `index` the number of the ST. `guide` is
    ST03, or GS08 where the set has none.
    """

    interchange: InterchangeHeader
    group: GroupHeader
    separators: Separators
    code: str
    control_number: str
    guide: str
    body: Loop = field(repr=False)

    @property
    def raw(self) -> tuple[str, ...]:
        """Return its segments."""
        return self.body.raw

    @property
    def index(self) -> int:
        """Return the number of its ST in the file, from 1."""
        return self.body.index

    @property
    def offset(self) -> int:
        """Return where its ST begins. **Units**: bytes from the start of the file."""
        return self.body.offset(0)

    @cached_property  # which is why this class has no slots
    def offsets(self) -> tuple[int, ...]:
        """Return where each segment begins. **Units**: bytes from the start of the file."""
        return self.body.offsets()

    def segments(self) -> Iterator[Segment]:
        """Return its segments, split."""
        element = self.separators.element
        for number, (raw, offset) in enumerate(zip(self.raw, self.offsets, strict=True)):
            yield Segment(tuple(raw.split(element)), self.index + number, offset)

    def loops(self, starts: frozenset[str]) -> Iterator[Loop]:
        """Return its segments in loops, as `OpenSet.loops` does."""
        return self.body.split(starts | {"SE"})

    def unreadable(self, at: int, rule: str) -> UnreadableSegment:
        """Return the error that says where segment `at` of this set stands."""
        return self.body.unreadable(at, rule)

    def misplaced(self, at: int, rule: str) -> MisplacedSegment:
        """Return the error that says where segment `at` of this set stands."""
        return self.body.misplaced(at, rule)

    def expect(self, code: str) -> None:
        """Refuse another transaction set than the one that is to be read. **Errors**: `UnexpectedTransaction`."""
        _expect(self, code)


class OpenSet:
    """One ST whose segments are still coming.

    **Shape**: what is known with its header; `index` is the number of the ST, `offset` where it begins. Its segments
    are given once, by `loops` or `whole`, and are passed over where the next set is asked for before that.
    """

    __slots__ = ("_st", "_walk", "code", "control_number", "group", "guide", "interchange", "separators")

    def __init__(
        self, walk: "_Walk", st: Loop, elements: list[str], interchange: InterchangeHeader, group: GroupHeader
    ) -> None:
        self._walk = walk
        self._st = st
        self.interchange = interchange
        self.group = group
        self.separators = st.separators
        self.code = elements[1]
        self.control_number = elements[2]
        self.guide = elements[3] or group.guide

    @property
    def index(self) -> int:
        """Return the number of its ST in the file, from 1."""
        return self._st.index

    @property
    def offset(self) -> int:
        """Return where its ST begins. **Units**: bytes from the start of the file."""
        return self._st.offset(0)

    def loops(self, starts: frozenset[str]) -> Iterator[Loop]:
        """Return the segments of the set in loops: each begins at one that is named in `starts`, the first at the ST.

        **Shape**: the last loop is the SE alone, and comes when the trailer was compared: who acts on a loop before it
        acts on what may be refused yet. Memory is that of one loop, and no loop is longer than `LOOP_SEGMENTS_MAX`.
        **Errors**: `CountMismatch`, `ControlNumberMismatch`, `MisplacedSegment`, `TooLongToHold`, those of `blocks`.
        """
        return self._walk.loops(self, starts)

    def whole(self) -> TransactionSet:
        """Return the set when all of it is there. **Errors**: as `loops`."""
        *_, body = self._walk.loops(self, frozenset(), whole=True)
        return TransactionSet(
            interchange=self.interchange,
            group=self.group,
            separators=self.separators,
            code=self.code,
            control_number=self.control_number,
            guide=self.guide,
            body=body,
        )

    def expect(self, code: str) -> None:
        """Refuse another transaction set than the one that is to be read. **Errors**: `UnexpectedTransaction`."""
        _expect(self, code)


Transaction: TypeAlias = OpenSet | TransactionSet


def _expect(transaction: Transaction, code: str) -> None:
    if transaction.code != code:
        raise UnexpectedTransaction(
            f"this is no {code}", offset=transaction.offset, segment=transaction.index, segment_id="ST"
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
    return (opened.whole() for opened in open_sets(source))


def open_sets(source: Source) -> Iterator[OpenSet]:
    """Return the transaction sets of a file when their headers are read, for files of which not even one set fits.

    **Shape**: a fault behind a segment is found after the segment was given. **Errors**: as `parts`.
    """
    return (part for part in _Walk(source).parts() if isinstance(part, OpenSet))


def parts(source: Source) -> Iterator[Part]:
    """Return what the interchanges of a file hold, in order.

    **Shape**: a fault behind a set is found after the set was returned; who acts on a file reads it to its end first.
    **Errors**: `UnreadableISA`, `TruncatedInterchange`, `SegmentTooLong`, `CountMismatch`, `ControlNumberMismatch`,
    `MisplacedSegment`, `UnreadableSegment`, `TooLongToHold`.
    """
    return (part.whole() if isinstance(part, OpenSet) else part for part in _Walk(source).parts())


def body_hash(transaction: TransactionSet) -> str:
    """Return SHA-256 over what stands between ST and SE, in hexadecimal, whatever the separators are.

    A resend has new control numbers, and maybe another writer's separators; what it says is the same.
    """
    found = BodyHash(transaction.separators)
    found.add(transaction.raw[1:-1])
    return found.hexdigest()


class BodyHash:
    """The hash of a set that is still coming. **Shape**: `add` takes all between ST and SE, in any portions."""

    __slots__ = ("_found", "_joint", "_separators")

    def __init__(self, separators: Separators) -> None:
        self._separators = separators
        self._found = sha256()
        self._joint = ""

    def add(self, raw: Sequence[str]) -> None:
        """Take the next segments."""
        if not raw:
            return
        separators = self._separators
        body = (self._joint + "\x1c".join(raw)).replace(separators.element, "\x1d")
        if separators.repetition:
            body = body.replace(separators.repetition, "\x1e")
        self._found.update(body.replace(separators.component, "\x1f").encode())
        self._joint = "\x1c"

    def hexdigest(self) -> str:
        """Return the hash, in hexadecimal."""
        return self._found.hexdigest()


class _Walk:
    """The envelopes that are open while a file is read, and the segment that is next."""

    __slots__ = (
        "_at", "_block", "_blocks", "_count", "_group", "_groups", "_interchange", "_loose", "_marks", "_numbers",
        "_open", "_starts",
    )  # fmt: skip

    def __init__(self, source: Source) -> None:
        self._blocks = blocks(source)
        self._block: Block | None = None
        self._at = 0
        self._starts: frozenset[str] = frozenset()
        self._marks: list[tuple[int, str]] | None = None
        self._interchange: InterchangeHeader | None = None
        self._group: GroupHeader | None = None
        self._open: OpenSet | None = None
        self._numbers = ControlNumbers()
        self._count = self._groups = self._loose = 0

    def parts(self) -> Iterator[OpenSet | Loose]:
        """Return each set when its header is read; what nobody took of the one before is passed over."""
        while True:
            if self._open is not None:
                self._pass_over(self._open)
            block = self._block
            if block is None or self._at == len(block.raw):
                block = self._next_block()
                if block is None:
                    break
                continue
            found = self._step(block)
            if found is not None:
                yield found
        if self._interchange is not None or self._block is None:
            raise self._misplaced("a file is whole interchanges")

    def loops(self, opened: OpenSet, starts: frozenset[str], *, whole: bool = False) -> Iterator[Loop]:
        """Return the loops of the set that is open, from where it was left. **Shape**: see `OpenSet.loops`."""
        if self._open is opened and starts != self._starts:
            self._starts, self._marks = starts, None
        raw: list[str] = []  # what the loop has in earlier blocks
        spread: list[Block] = []
        first = begin = self._at
        block = self._block
        while self._open is opened and block is not None:
            for at, tag in self._ahead(block, begin):
                is_first = at == begin and not raw
                if is_first and (tag in starts or block.first + at + 1 == opened.index):
                    continue
                self._at = at
                if tag not in starts and tag != "SE":
                    raise self._misplaced("a set is not closed", tag)
                if not (is_first or whole):
                    yield Loop(tuple(raw + block.raw[begin:at]), (*spread, block), first)
                    if self._open is not opened:
                        return  # somebody asked for the next set meanwhile
                    raw, spread, first, begin = [], [], at, at
                if tag == "SE":
                    self._close_set(opened, block)
                    yield Loop(tuple(raw + block.raw[begin : at + 1]), (*spread, block), first)
                    return
            raw += block.raw[begin:]
            spread.append(block)
            _refuse_too_long(raw, spread, first, whole=whole)
            block, begin = self._next_block(), 0
        if self._open is opened:
            raise self._misplaced("a set is not closed")

    def _pass_over(self, opened: OpenSet) -> None:
        """Go to the end of a set of which nobody takes any more, and keep nothing of it."""
        block, begin = self._block, self._at
        while block is not None:
            for at, tag in self._ahead(block, begin):
                if tag in self._starts or block.first + at + 1 == opened.index:
                    continue
                self._at = at
                if tag != "SE":
                    raise self._misplaced("a set is not closed", tag)
                self._close_set(opened, block)
                return
            block, begin = self._next_block(), 0
        raise self._misplaced("a set is not closed")

    def _ahead(self, block: Block, begin: int) -> list[tuple[int, str]]:
        """Return where envelopes and loops begin in a block, from a place on."""
        if self._marks is None:
            self._marks = marks(block, self._starts.union(_STRUCTURE))
        return self._marks[bisect_left(self._marks, (begin,)) :]

    def _next_block(self) -> Block | None:
        block = next(self._blocks, None)
        if block is not None:
            self._block, self._at, self._marks = block, 0, None
        return block

    def _misplaced(self, rule: str, segment_id: str | None = None) -> MisplacedSegment:
        offset, index = self._place()
        return MisplacedSegment(rule, offset=offset, segment=index, segment_id=segment_id)

    def _place(self) -> tuple[int, int]:
        """Return where the next segment stands, or the last one of the file."""
        block = self._block
        if block is None or not block.raw:
            return 0, 0
        at = min(self._at, len(block.raw) - 1)
        return block.offsets()[at], block.first + at + 1

    def _step(self, block: Block) -> OpenSet | Loose | None:
        """Return what the next segment opens, outside a set, and pass over it; a set keeps its ST."""
        raw = block.raw[self._at]
        element = block.separators.element
        elements = (raw + element * 16).split(element)
        try:
            found = self._dispatch(elements, raw, block)
        except MalformedX12:
            raise
        except Malformed as error:
            offset, index = self._place()
            raise UnreadableSegment(str(error), offset=offset, segment=index, segment_id=elements[0]) from None
        if self._open is None:
            self._at += 1
        return found

    def _dispatch(self, elements: list[str], raw: str, block: Block) -> OpenSet | Loose | None:
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
                return self._open_set(elements, block)
            case "SE":
                raise self._envelope("SE")
            case _:
                return self._read_loose(raw, block)
        return None

    def _envelope(self, segment_id: str) -> MisplacedSegment:
        return self._misplaced("an envelope is not closed, or not open", segment_id)

    def _same(self, trailer: list[str], header: str) -> None:
        if trailer[2] != header:
            offset, index = self._place()
            raise ControlNumberMismatch(
                "header and trailer differ", offset=offset, segment=index, segment_id=trailer[0]
            )

    def _counted(self, trailer: list[str], found: int) -> None:
        if count(trailer[1]) != found:
            offset, index = self._place()
            raise CountMismatch("the trailer counts otherwise", offset=offset, segment=index, segment_id=trailer[0])

    def _open_interchange(self, isa: list[str]) -> None:
        if self._interchange is not None:
            raise self._envelope("ISA")
        count(isa[13])
        self._interchange = InterchangeHeader(
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
        self._groups = self._loose = 0

    def _close_interchange(self, iea: list[str]) -> None:
        if self._group is not None or self._interchange is None:
            raise self._envelope("IEA")
        self._same(iea, self._interchange.control_number)
        if not (self._loose and not self._groups and count(iea[1]) == 1):  # some count a lone TA1 as a group
            self._counted(iea, self._groups)
        self._interchange = None

    def _open_group(self, gs: list[str]) -> None:
        if self._group is not None or self._interchange is None:
            raise self._envelope("GS")
        self._group = GroupHeader(
            functional_id=gs[1],
            sender_code=gs[2],
            receiver_code=gs[3],
            written_on=day(gs[4]),
            written_time=gs[5],
            control_number=gs[6],
            guide=gs[8],
        )
        self._groups += 1
        self._numbers, self._count = ControlNumbers(), 0

    def _close_group(self, ge: list[str]) -> None:
        if self._group is None:
            raise self._envelope("GE")
        self._same(ge, self._group.control_number)
        self._counted(ge, self._count)
        self._group = None

    def _open_set(self, st: list[str], block: Block) -> OpenSet:
        if self._group is None or self._interchange is None:
            raise self._envelope("ST")
        if self._count == SETS_MAX:
            raise Loop((block.raw[self._at],), (block,), self._at).too_long(0, "a group counts its sets in six digits")
        if not self._numbers.add(st[2]):
            offset, index = self._place()
            raise ControlNumberMismatch("two sets of a group share one", offset=offset, segment=index, segment_id="ST")
        self._count += 1
        place = Loop((block.raw[self._at],), (block,), self._at)
        self._open = OpenSet(self, place, st, self._interchange, self._group)
        return self._open

    def _close_set(self, opened: OpenSet, block: Block) -> None:
        element = block.separators.element
        se = (block.raw[self._at] + element * 2).split(element)
        self._same(se, opened.control_number)
        try:
            self._counted(se, block.first + self._at + 2 - opened.index)
        except NotAnX12Value as error:
            offset, index = self._place()
            raise UnreadableSegment(str(error), offset=offset, segment=index, segment_id="SE") from None
        self._open = None
        self._at += 1

    def _read_loose(self, raw: str, block: Block) -> Loose:
        if self._group is not None or self._interchange is None:
            raise self._envelope(raw.partition(block.separators.element)[0])
        self._loose += 1
        offset, index = self._place()
        return Loose(interchange=self._interchange, separators=block.separators, raw=raw, offset=offset, index=index)


def _refuse_too_long(raw: list[str], spread: list[Block], first: int, *, whole: bool) -> None:
    """Refuse a loop that is longer than anyone means it, told block by block. **Errors**: `TooLongToHold`."""
    times = WHOLE_SET if whole else 1
    if len(raw) > times * LOOP_SEGMENTS_MAX or len(spread) * BLOCK_BYTES > times * LOOP_BYTES_MAX:
        raise Loop((spread[0].raw[first],), (spread[0],), first).too_long(0, "what begins here has no end")
