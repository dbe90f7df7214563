"""Whatever arrives, a reader reads it or refuses it with a place: no other error, no hang, no memory without bounds."""

import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import isfunction, signature
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import shared.x12.sets
from shared.x12.interchange import open_sets, parts
from shared.x12.malformed import MalformedX12
from shared.x12.sets.t270_x279a1 import write_270
from shared.x12.sets.t271_x279a1 import write_271
from shared.x12.sets.t276_x212 import write_276
from shared.x12.sets.t277_x212 import write_277
from shared.x12.sets.t277ca_x214 import write_277ca
from shared.x12.sets.t835_x221a1 import stream_835, write_835
from shared.x12.sets.t837i_x223a2 import write_837i
from shared.x12.sets.t837p_x222a1 import write_837p
from shared.x12.sets.t999_x231a1 import write_999
from shared.x12.sets.ta1 import InterchangeAcknowledgement, write_ta1
from shared.x12.tokens import tokenize
from tests.unit.shared.x12 import eligibility, inquiries
from tests.unit.shared.x12.examples import (
    ACKNOWLEDGED,
    CLAIM,
    CLAIM_STATUSES,
    ENVELOPE,
    REMITTANCE,
    SERVICE_DAY,
    STAY,
    batch,
    stays,
)

ISA: Final = (
    b"ISA*00*          *00*          *ZZ*SUBMITTER01    *ZZ*RECEIVER01     *260101*1200*^*00501*000000005*0*T*:~"
)
IDS: Final = st.sampled_from(
    "ISA GS ST SE GE IEA BHT HL NM1 N1 N3 N4 PER REF DTM DTP CLM CLP CAS SVC LX SV1 SV2 HI SBR PAT DMG PLB BPR TRN "  # noqa: SIM905 (shorter)
    "AMT QTY MIA MOA TS2 TS3 LQ SVD OI LIN CTP NTE PWK AK1 AK2 IK3 IK4 IK5 AK9 CTX STC TA1 EB AAA III EQ LS ZZZ".split()
)
ELEMENTS: Final = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="~*"), max_size=6),
    st.sampled_from(["0", "1", "-1.5", ".05", "20260101", "20261399", "HC:99213:25", "D8", "RD8", "472", "QC"]),
)
SEGMENTS: Final = st.lists(st.tuples(IDS, st.lists(ELEMENTS, max_size=9)), max_size=25)
SETS: Final = st.sampled_from(["835", "837", "999", "277", "270", "271", "276", "997"])
OPENINGS: Final = st.sampled_from(
    (
        "",
        "BPR*I*0*C*NON~TRN*1*T*1~",
        "BPR*I*0*C*NON~TRN*1*T*1~LX*1~CLP*A*1*1*1~",
        "HL*1**20*1~NM1*85*2*A~HL*2*1*22*0~SBR*P~NM1*IL*1*A~NM1*PR*2*P~CLM*A*1~LX*1~SV1*HC:1*1*UN*1~DTP*472*D8*20260101~",
        "AK1*HC*1~AK2*837*1~",
        "HL*1**20*1~NM1*PR*2*P~HL*2*1*21*1~HL*3*2*19*1~HL*4*3*PT~TRN*2*A~",
    )
)
FILES: Final = (
    write_835([REMITTANCE], envelope=ENVELOPE, first_control_number=1),
    write_837p(batch(CLAIM), envelope=ENVELOPE, transaction_control_number=1),
    write_837i(stays(STAY), envelope=ENVELOPE, transaction_control_number=1),
    write_270([eligibility.question(eligibility.OF_JOHN)], envelope=ENVELOPE, first_control_number=1),
    write_271([eligibility.answer(eligibility.INSURED)], envelope=ENVELOPE, first_control_number=1),
    write_276([inquiries.question(inquiries.OF_JOHN)], envelope=ENVELOPE, first_control_number=1),
    write_277([inquiries.answer(inquiries.ANSWERED)], envelope=ENVELOPE, first_control_number=1),
    write_999([ACKNOWLEDGED], envelope=ENVELOPE, first_control_number=1),
    write_277ca([CLAIM_STATUSES], envelope=ENVELOPE, first_control_number=1),
    write_ta1(
        [
            InterchangeAcknowledgement(
                control_number="1", written_on=SERVICE_DAY, written_time="1200", code="A", note="000"
            )
        ],
        envelope=ENVELOPE,
    ),
)


def _readers() -> Iterator[Callable[[bytes], Any]]:
    """Yield the reader of every transaction set there is, and those of what a set is made of."""
    for found in pkgutil.iter_modules(shared.x12.sets.__path__, "shared.x12.sets."):
        for name, read in vars(import_module(found.name)).items():
            if name.startswith("read_") and isfunction(read) and next(iter(signature(read).parameters)) == "source":
                yield read
    yield lambda data: list(tokenize(data))
    yield lambda data: list(parts(data))
    yield lambda data: [claim for one in stream_835(data) for claim in one.claims()]
    yield lambda data: [loop.raw for one in open_sets(data) for loop in one.loops(frozenset({"CLP", "HL"}))]


READERS: Final = tuple(_readers())
MORE: Final = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _is_read_or_refused(data: bytes) -> None:
    refusals = [refusal for read in READERS if (refusal := _refusal(read, data)) is not None]

    assert all(0 <= refusal.offset <= len(data) for refusal in refusals)
    assert all(0 <= refusal.segment <= len(data) for refusal in refusals)


def _refusal(read: Callable[[bytes], Any], data: bytes) -> MalformedX12 | None:
    try:
        read(data)
    except MalformedX12 as refusal:
        return refusal
    return None


def test_every_set_has_a_reader_here() -> None:
    assert len(READERS) >= 10 + 4


@given(st.binary(max_size=400))
@example(b"")
@MORE
def test_bytes_of_any_kind(data: bytes) -> None:
    _is_read_or_refused(data)
    _is_read_or_refused(ISA + data)


@given(SETS, OPENINGS, SEGMENTS)
@MORE
def test_segments_of_any_kind_in_an_envelope_that_counts(
    code: str, opening: str, segments: list[tuple[str, list[str]]]
) -> None:
    body = opening + "".join("*".join((segment_id, *elements)) + "~" for segment_id, elements in segments)
    count = body.count("~") + 2
    _is_read_or_refused(
        ISA + f"GS*HP*A*B*20260101*1200*5*X*X~ST*{code}*0001~{body}SE*{count}*0001~GE*1*5~IEA*1*000000005~".encode()
    )


@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=4),
)
@MORE
def test_files_that_something_happened_to(data: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for place, lost, found in changes:
        at = int(place * len(data))
        data = data[:at] + found + data[at + lost :]
    _is_read_or_refused(data)


@given(st.sampled_from(FILES), st.data())
@MORE
def test_files_whose_segments_changed_places(data: bytes, draw: st.DataObject) -> None:
    segments = data.split(b"~")[:-1]
    at = draw.draw(st.integers(1, len(segments) - 1))
    moved = segments.pop(at)
    segments.insert(draw.draw(st.integers(1, len(segments))), moved)
    _is_read_or_refused(b"~".join(segments) + b"~")


LARGE: Final = """
import sys
from shared.x12.interchange import open_sets
from shared.x12.sets import t835_x221a1, t837p_x222a1

kind, times = sys.argv[1], int(sys.argv[2])
head, claim, tail = (part.encode() for part in sys.argv[3:])

def blocks():
    yield head
    for _ in range(times // 100):
        yield claim * 100
    yield tail

read = t835_x221a1.claims if kind == "835" else t837p_x222a1.claims
found = sum(1 for opened in open_sets(blocks()) for _ in read(opened))
assert found == times, found
(line,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(line.split()[1])
"""


@pytest.mark.parametrize(("kind", "begin"), [("835", b"~CLP*"), ("837", b"~CLM*")])
def test_a_million_segments_of_one_set_take_less_than_80_megabytes(kind: str, begin: bytes) -> None:
    data = FILES[kind == "837"]
    ends = b"~PLB*" if kind == "835" else b"~SE*"
    head, claim = data[: data.index(begin)], data[data.index(begin) : data.index(ends)]
    times = 1_000_000 // claim.count(b"~") // 100 * 100
    after = data[data.index(ends) :].split(b"~SE*")
    count = data.count(b"~") - 4 + (times - 1) * claim.count(b"~")
    tail = after[0] + f"~SE*{count}*".encode() + after[1].split(b"*", 1)[1]

    done = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", LARGE, kind, str(times), head.decode(), claim.decode(), tail.decode()],
        stdout=subprocess.PIPE,
        check=True,
    )

    assert times * claim.count(b"~") > 990_000
    assert int(done.stdout) < 80_000
