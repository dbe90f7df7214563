"""Whatever happens to a set, a segment or an element: it is read, or refused by our own error with a place."""

from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.shared.x12.every_set import FILES, READERS, refused_by

ODD: Final = st.sampled_from(
    ["", "X", "-", "--5", "1.2.3", "1E5", ":", "::::::::::::", "^", "A^^B:C", "0", "99", "20261301", "RD8", "\u00e9"]
) | st.text(max_size=6).map(lambda text: text.replace("~", "").replace("*", ""))


def _is_read_or_refused_with_a_place(name: str, data: bytes) -> None:
    refusals = [refused for read in READERS[name] if (refused := refused_by(read, data)) is not None]

    assert all(0 <= refused.offset <= len(data) for refused in refusals)
    assert all(1 <= refused.segment <= data.count(b"~") for refused in refusals)


def _opened(name: str) -> tuple[list[str], list[list[str]], list[str]]:
    """Return the segments before, of and behind the body of a file, which is what stands in its first envelope."""
    segments = FILES[name].decode().rstrip("~").split("~")
    around = 3 if segments[1].startswith("GS*") else 1
    return segments[:around], [segment.split("*") for segment in segments[around:-around]], segments[-around:]


def _closed(before: list[str], body: list[list[str]], behind: list[str]) -> bytes:
    """Return a file whose counts are right again."""
    set_id, _, number = behind[0].rpartition("*")
    ends = [f"SE*{len(body) + 2}*{number}"] if set_id.startswith("SE*") else behind[:1]
    return ("~".join([*before, *("*".join(each) for each in body), *ends, *behind[1:]]) + "~").encode()


def test_every_set_is_here() -> None:
    assert set(FILES) == set(READERS)
    assert all(refused_by(read, FILES[name]) is None for name, readers in READERS.items() for read in readers)


@pytest.mark.parametrize("name", FILES)
@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_broken_set_is_read_or_refused_with_a_place(name: str, draw: st.DataObject) -> None:
    before, body, behind = _opened(name)
    for _ in range(draw.draw(st.integers(1, 3))):
        at = draw.draw(st.integers(0, len(body) - 1))
        match draw.draw(st.sampled_from(["change", "change", "cut", "drop", "double", "move", "add"])):
            case "change":
                body[at][draw.draw(st.integers(0, len(body[at]) - 1))] = draw.draw(ODD)
            case "cut":
                del body[at][draw.draw(st.integers(1, len(body[at]))) :]
            case "drop" if len(body) > 1:
                del body[at]
            case "double":
                body.insert(at, list(body[at]))
            case "move":
                body.insert(draw.draw(st.integers(0, len(body) - 1)), body.pop(at))
            case _:
                body[at].append(draw.draw(ODD))

    _is_read_or_refused_with_a_place(name, _closed(before, body, behind))


def _changed(name: str) -> Iterator[bytes]:
    """Yield a file for each element that could be missing, or be no number, no day and no composite."""
    before, body, behind = _opened(name)
    for segment in body:
        whole = segment.copy()
        for at in range(1, len(whole)):
            for odd in ("", "X", ":::::::::", "9" * 20):
                segment[at] = odd
                yield _closed(before, body, behind)
            segment[:] = whole[:at]
            yield _closed(before, body, behind)
            segment[:] = whole


@pytest.mark.parametrize("name", FILES)
def test_every_element_may_be_missing_or_odd(name: str) -> None:
    changed = set(_changed(name))

    assert len(changed) > 15
    for data in changed:
        _is_read_or_refused_with_a_place(name, data)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_ends_early_is_refused_wherever_that_is(name: str) -> None:
    data = FILES[name]

    ends = [end for end in range(len(data) - 1) if any(refused_by(read, data[:end]) is None for read in READERS[name])]

    assert ends == []
