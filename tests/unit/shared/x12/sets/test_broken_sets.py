"""Whatever happens to an element or a segment: a set is read, or refused by our own error with a place."""

from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.x12.malformed import MalformedX12
from shared.x12.sets.t270_x279a1 import read_270, write_270
from shared.x12.sets.t271_x279a1 import read_271, write_271
from shared.x12.sets.t276_x212 import read_276, write_276
from shared.x12.sets.t277_x212 import read_277, write_277
from shared.x12.sets.t277ca_x214 import read_277ca, write_277ca
from shared.x12.sets.t999_x231a1 import read_999, write_999
from tests.unit.shared.x12 import eligibility, inquiries
from tests.unit.shared.x12.examples import ACKNOWLEDGED, CLAIM_STATUSES, ENVELOPE

ASKED: Final = eligibility.question(eligibility.OF_JOHN, eligibility.OF_SALLY)
SAID: Final = eligibility.answer(eligibility.INSURED, eligibility.INSURED_CHILD, eligibility.REFUSED)
ABOUT_CLAIMS: Final = inquiries.question(inquiries.OF_JOHN, inquiries.OF_SALLY)
TOLD: Final = inquiries.answer(inquiries.ANSWERED, inquiries.REFUSED_PROVIDER)
WHOLE: Final[tuple[tuple[bytes, Callable[[bytes], Any]], ...]] = (
    (write_270([ASKED], envelope=ENVELOPE, first_control_number=1), read_270),
    (write_271([SAID], envelope=ENVELOPE, first_control_number=1), read_271),
    (write_276([ABOUT_CLAIMS], envelope=ENVELOPE, first_control_number=1), read_276),
    (write_277([TOLD], envelope=ENVELOPE, first_control_number=1), read_277),
    (write_277ca([CLAIM_STATUSES], envelope=ENVELOPE, first_control_number=1), read_277ca),
    (write_999([ACKNOWLEDGED], envelope=ENVELOPE, first_control_number=1), read_999),
)
ODD: Final = st.sampled_from(
    ["", "X", "-", "--5", "1.2.3", "1E5", ":", "::::::::::::", "^", "A^^B:C", "0", "99", "20261301", "RD8", "\u00e9"]
) | st.text(max_size=6).map(lambda text: text.replace("~", "").replace("*", ""))


@st.composite
def broken_files(draw: st.DrawFn) -> tuple[bytes, Callable[[bytes], Any]]:
    """Return a written file in which segments were changed, left out, doubled or moved; its counts are right again."""
    data, read = draw(st.sampled_from(WHOLE))
    segments = data.decode().rstrip("~").split("~")
    body = [segment.split("*") for segment in segments[3:-3]]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(body) - 1))
        match draw(st.sampled_from(["change", "change", "drop", "double", "move", "add"])):
            case "change":
                body[at][draw(st.integers(0, len(body[at]) - 1))] = draw(ODD)
            case "drop" if len(body) > 1:
                del body[at]
            case "double":
                body.insert(at, list(body[at]))
            case "move":
                body.insert(draw(st.integers(0, len(body) - 1)), body.pop(at))
            case _:
                body[at].append(draw(ODD))
    trailer = segments[-3].split("*")
    written = [*segments[:3], *("*".join(each) for each in body), f"SE*{len(body) + 2}*{trailer[2]}", *segments[-2:]]
    return ("~".join(written) + "~").encode(), read


@given(broken_files())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_broken_set_is_read_or_refused_with_a_place(broken: tuple[bytes, Callable[[bytes], Any]]) -> None:
    data, read = broken

    refusal = _refusal(read, data)

    assert refusal is None or 0 <= refusal.offset <= len(data)
    assert refusal is None or 1 <= refusal.segment <= data.count(b"~")


def _refusal(read: Callable[[bytes], Any], data: bytes) -> MalformedX12 | None:
    try:
        read(data)
    except MalformedX12 as refusal:
        return refusal
    return None
