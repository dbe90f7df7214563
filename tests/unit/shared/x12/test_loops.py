"""Loops: a set that is still coming gives the same segments, in the same places, as one that is whole."""

import tracemalloc
from collections import deque
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.x12 import interchange
from shared.x12.interchange import BodyHash, CountMismatch, body_hash, open_sets, parts, transaction_sets
from shared.x12.loops import WHOLE_SET, ControlNumbers, Loop, TooLongToHold
from shared.x12.malformed import MalformedX12, MisplacedSegment
from shared.x12.tokens import Source

ISA = "ISA*00*          *00*          *ZZ*SUBMITTER01    *ZZ*RECEIVER01     *260101*1200*^*00501*000000005*0*T*:~"
GS = "GS*HP*RECEIVER01*SUBMITTER01*20260101*1205*5*X*005010X221A1~"
CLAIM = "CLP*A*1*10*10~NM1*QC*1~"
SET = f"ST*835*0001~BPR*I*20~LX*1~{CLAIM}{CLAIM}PLB*1~SE*8*0001~".replace("SE*8", "SE*9")
FILE = ISA + GS + SET + SET.replace("0001", "0002") + "GE*2*5~IEA*1*000000005~"
STARTS = frozenset({"LX", "CLP", "PLB"})


def _blocks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def _large(claims: int) -> Iterator[bytes]:
    """Yield a file with one set of so many claims, and one segment too few in its trailer."""
    yield (ISA + GS + "ST*835*0001~").encode()
    for _ in range(0, claims, 1_000):
        yield CLAIM.encode() * 1_000
    yield f"SE*{2 * claims + 1}*0001~GE*1*5~IEA*1*000000005~".encode()


def _places(source: Source) -> Iterator[int]:
    return (loop.index for opened in open_sets(source) for loop in opened.loops(STARTS))


def _seen(loop: Loop) -> tuple[tuple[str, ...], int, tuple[int, ...]]:
    return loop.raw, loop.index, loop.offsets()


def test_a_loop_begins_where_its_guide_says() -> None:
    (first, *_) = (list(opened.loops(STARTS)) for opened in open_sets(FILE.encode()))

    assert [loop.raw[0].partition("*")[0] for loop in first] == ["ST", "LX", "CLP", "CLP", "PLB", "SE"]
    assert first[2].raw == ("CLP*A*1*10*10", "NM1*QC*1")
    assert (first[2].index, first[2].offset(0)) == (6, FILE.index("CLP"))
    assert (first[2].offset(1), first[-1].offset(0)) == (FILE.index("NM1"), FILE.index("SE*9"))


@pytest.mark.parametrize("ends", ["~", "~\r\n", "~\n  ", " ~\n\n"])
def test_a_set_gives_the_same_loops_while_it_comes_and_when_it_is_there(ends: str) -> None:
    data = (ISA + (FILE.removeprefix(ISA)).replace("~", ends)).encode()

    coming = [[_seen(loop) for loop in opened.loops(STARTS)] for opened in open_sets(data)]

    assert coming == [[_seen(loop) for loop in found.loops(STARTS)] for found in transaction_sets(data)]
    assert all(data[offset:].startswith(raw[:6].encode()) for one in coming for raws, _, offsets in one
               for raw, offset in zip(raws, offsets, strict=True))  # fmt: skip


@given(st.integers(1, 4_000), st.integers(1, 60))
def test_a_loop_may_reach_over_any_number_of_blocks(claims: int, remarks: int) -> None:
    claim = "CLP*A*1~" + "LQ*HE*N130~" * remarks
    body = f"ST*835*0001~{claim * (claims % 300 + 1)}"
    data = (ISA + GS + body + f"SE*{body.count('~') + 1}*0001~GE*1*5~IEA*1*000000005~").encode()

    (opened,) = (list(found.loops(STARTS)) for found in open_sets(_blocks(data, claims)))

    assert [len(loop.raw) for loop in opened] == [1, *[remarks + 1] * (claims % 300 + 1), 1]
    assert data[opened[-2].offset(remarks) :].startswith(b"LQ*HE*N130~SE*")


@pytest.mark.parametrize("taken", range(7))
def test_what_nobody_takes_of_a_set_is_passed_over(taken: int) -> None:
    seen = []
    for opened in open_sets(FILE.encode()):
        seen += [opened.control_number, *[loop.raw[0][:3] for loop in islice(opened.loops(STARTS), taken)]]

    assert seen[0] == "0001"
    assert seen[len(seen) // 2] == "0002"
    assert len(seen) == 2 + 2 * min(taken, 6)


def test_a_set_that_was_passed_over_gives_nothing_more() -> None:
    opened = open_sets(FILE.encode())
    first = next(opened)
    loops = first.loops(STARTS)
    next(loops)

    second = next(opened)

    assert list(loops) == list(first.loops(STARTS)) == []
    assert [loop.raw[0][:3] for loop in second.loops(STARTS)] == ["ST*", "LX*", "CLP", "CLP", "PLB", "SE*"]
    assert list(opened) == []


def test_a_set_gives_its_segments_once() -> None:
    (first, second) = ((opened, list(opened.loops(STARTS))) for opened in open_sets(FILE.encode()))

    assert list(first[0].loops(STARTS)) == list(second[0].loops(STARTS)) == []


def test_a_trailer_is_compared_when_all_was_given() -> None:
    taken: list[int] = []
    with pytest.raises(CountMismatch) as refusal:
        taken.extend(_places(_large(3_000)))

    assert len(taken) == 3_001
    assert (refusal.value.segment, refusal.value.segment_id) == (6_004, "SE")


@pytest.mark.parametrize("cut", ["SE*9*0001~", "SE*9*0002~"])
def test_a_set_that_is_not_closed_is_refused_where_the_next_begins(cut: str) -> None:
    text = FILE.replace(cut, "")
    with pytest.raises(MisplacedSegment) as refusal:
        list(_places(text.encode()))

    assert text[refusal.value.offset :].startswith(refusal.value.segment_id or "?")


def test_memory_does_not_grow_with_a_set() -> None:
    def peak(claims: int) -> int:
        tracemalloc.start()
        try:
            with pytest.raises(CountMismatch):
                deque(_places(_large(claims)), maxlen=0)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(100_000) < 1.2 * peak(10_000)


def test_a_set_that_is_passed_over_takes_no_memory() -> None:
    """A file may hold sets that its reader does not want, and each is one loop to whom asks for none."""
    tracemalloc.start()
    try:
        with pytest.raises(CountMismatch):
            deque(open_sets(_large(100_000)), maxlen=0)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 2_000_000


@pytest.mark.parametrize(
    "limits", [{"LOOP_SEGMENTS_MAX": 10_000}, {"LOOP_BYTES_MAX": 180_000}], ids=["segments", "bytes"]
)
@pytest.mark.parametrize("whole", [False, True])
def test_a_loop_that_never_ends_is_refused_where_it_begins(
    limits: dict[str, int], monkeypatch: pytest.MonkeyPatch, *, whole: bool
) -> None:
    for name, limit in limits.items():
        monkeypatch.setattr(interchange, name, limit)
    claim = b"CLP*A*1*10*10~" + b"REF*EA*A-NUMBER~" * (25_000 * (WHOLE_SET if whole else 1))
    start = (ISA + GS + f"ST*835*0001~BPR*I*20~{CLAIM}").encode()

    with pytest.raises(TooLongToHold) as refusal:
        deque(transaction_sets(start + claim) if whole else _places(start + claim), maxlen=0)

    begins = start.index(b"ST*") if whole else len(start)
    assert (refusal.value.offset, refusal.value.segment) == (begins, start[:begins].count(b"~") + 1)
    assert refusal.value.segment_id == ("ST" if whole else "CLP")


def test_a_set_that_is_kept_whole_may_be_longer_than_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interchange, "LOOP_SEGMENTS_MAX", 10_000)

    with pytest.raises(CountMismatch):
        list(transaction_sets(_large(18_000)))


def test_a_group_has_no_more_sets_than_its_trailer_can_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interchange, "SETS_MAX", 1)

    with pytest.raises(TooLongToHold) as refusal:
        list(transaction_sets(FILE.encode()))

    assert FILE[refusal.value.offset :].startswith("ST*835*0002~")


@given(st.integers(1, 9), st.integers(1, 9))
def test_a_body_has_the_same_hash_in_any_portions(size: int, first: int) -> None:
    (whole, _) = transaction_sets(FILE.encode())
    body = whole.raw[1:-1]
    found = BodyHash(whole.separators)

    found.add(body[:first])
    for at in range(first, len(body), size):
        found.add(body[at : at + size])

    assert found.hexdigest() == body_hash(whole)


@given(
    st.lists(st.sampled_from([f"{number:04d}" for number in range(12)] + ["1", "01", "A1", "\xe9", "0" * 10, "0" * 11]))
)
def test_a_number_is_new_once(numbers: list[str]) -> None:
    known = ControlNumbers()

    assert [known.add(number) for number in numbers] == [
        number not in numbers[:at] for at, number in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("numbers", "bytes_each"),
    [(range(10_000, 30_000), 0.1), (range(30_000, 10_000, -1), 0.1), (range(50_000, 10_000, -2), 150)],
    ids=["up", "down", "down in twos"],
)
def test_numbers_in_any_order_take_little_memory(numbers: range, bytes_each: float) -> None:
    known = ControlNumbers()
    tracemalloc.start()
    try:
        assert all(known.add(f"{number:06d}") for number in numbers)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held < len(numbers) * bytes_each + 1_000
    assert not any(known.add(f"{number:06d}") for number in numbers)


def test_parts_of_a_broken_set_are_not_whole() -> None:
    with pytest.raises(MalformedX12):
        list(parts(FILE.replace("SE*9*0001", "SE*8*0001").encode()))
