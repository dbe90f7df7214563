"""samples/consume.py counts each fact once and stops at a gap."""

import pytest

from samples.consume import Gap, Tally
from tests.contract.published import FILES, fetched

PLACE = ("claimlog.claims", 0)


def headers(
    position: int, previous: int, *, store: str = "S1", event_id: str = "", version: int = 0
) -> dict[str, bytes]:
    """Return the headers that matter to a reader who counts."""
    values = {
        "ce_id": event_id or f"{store}-{position}",
        "ce_type": "ClaimHeld",
        "ce_subject": "claim-C1",
        "ce_tenant": "demo",
        "ce_store": store,
        "ce_sequence": str(version or position),
        "ce_position": str(position),
        "ce_previousposition": str(previous),
    }
    return {name: value.encode() for name, value in values.items()}


def test_counts_facts_by_type() -> None:
    tally = Tally()

    for file in FILES:
        tally.take(f"claimlog.{file.stem}", 0, dict(fetched(file).headers))

    assert tally.counts == {file.stem.partition(".")[0]: 1 for file in FILES}
    assert tally.repeats == 0


def test_counts_a_fact_once_that_came_twice() -> None:
    tally = Tally()

    for position, previous in ((3, 0), (7, 3), (3, 0), (7, 3), (8, 7)):
        tally.take(*PLACE, headers(position, previous))

    assert tally.counts == {"ClaimHeld": 3}
    assert tally.repeats == 2


def test_counts_a_fact_once_that_stands_in_two_places() -> None:
    tally = Tally()

    tally.take(*PLACE, headers(3, 0, event_id="E1"))
    tally.take("claimlog.claims", 1, headers(3, 0, event_id="E1"))

    assert tally.counts == {"ClaimHeld": 1}


@pytest.mark.parametrize(("position", "previous"), [(8, 7), (8, 0), (8, 4)])
def test_stops_at_a_gap(position: int, previous: int) -> None:
    tally = Tally()
    tally.take(*PLACE, headers(3, 0))

    with pytest.raises(Gap, match="after position 3 came 8"):
        tally.take(*PLACE, headers(position, previous))


def test_stops_where_the_first_record_is_missing() -> None:
    with pytest.raises(Gap):
        Tally().take(*PLACE, headers(7, 3))


def test_stops_where_a_stream_goes_back() -> None:
    tally = Tally()
    tally.take(*PLACE, headers(3, 0, version=2))

    with pytest.raises(Gap, match="goes back"):
        tally.take(*PLACE, headers(4, 3, version=1))


def test_each_partition_and_store_has_its_own_positions() -> None:
    tally = Tally()

    tally.take(*PLACE, headers(3, 0))
    tally.take("claimlog.claims", 1, headers(4, 0))
    tally.take(*PLACE, headers(1, 0, store="S2"))

    assert tally.counts == {"ClaimHeld": 3}
