"""Whatever arrives, a reader reads it or refuses it with a place: no other error, no hang, no memory without bounds."""

import subprocess
import sys
from typing import Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.x12.interchange import open_sets, parts
from shared.x12.tokens import tokenize
from tests.unit.shared.x12.every_set import FILES, READERS, Reader, refused_by

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
ALL: Final[tuple[Reader, ...]] = (
    *(read for readers in READERS.values() for read in readers),
    tokenize,
    parts,
    lambda data: [loop.raw for one in open_sets(data) for loop in one.loops(frozenset({"CLP", "HL"}))],
)
MORE: Final = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _is_read_or_refused(data: bytes) -> None:
    refusals = [refused for read in ALL if (refused := refused_by(read, data)) is not None]

    assert all(0 <= refused.offset <= len(data) for refused in refusals)
    assert all(0 <= refused.segment <= len(data) for refused in refusals)


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
    st.sampled_from(list(FILES.values())),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=4),
)
@MORE
def test_files_that_something_happened_to(data: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for place, lost, found in changes:
        at = int(place * len(data))
        data = data[:at] + found + data[at + lost :]
    _is_read_or_refused(data)


@given(st.sampled_from(list(FILES.values())), st.data())
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
    data = FILES["t835_x221a1" if kind == "835" else "t837p_x222a1"]
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
