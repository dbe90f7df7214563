"""Parked records: a fact when one waits, a fact when it ends, nothing for a repeat."""

from datetime import UTC, datetime

from shared.runtime.parking import PARKINGS, KeyParked, KeyReleased, Park, ParkingEvent, RecordDiscarded, Unpark

AT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


def parked(offset: int, partition: int = 0) -> KeyParked:
    return KeyParked(
        parked_key="K", topic="t", partition=partition, offset=offset, cause="unknown-version", parked_at=AT
    )


def released(offset: int) -> KeyReleased:
    return KeyReleased(parked_key="K", topic="t", partition=0, offset=offset, released_at=AT)


def test_record_parks_once() -> None:
    assert PARKINGS.outcome(given=[], when=Park(parked=parked(1))) == (parked(1),)
    assert PARKINGS.outcome(given=[parked(1)], when=Park(parked=parked(1))) == ()
    assert PARKINGS.outcome(given=[parked(1)], when=Park(parked=parked(2))) == (parked(2),)
    assert PARKINGS.outcome(given=[parked(1)], when=Park(parked=parked(1, partition=1))) == (parked(1, partition=1),)


def test_only_what_waits_is_released_or_discarded() -> None:
    discarded = RecordDiscarded(parked_key="K", topic="t", partition=0, offset=2, reason="test-record", discarded_at=AT)
    given: list[ParkingEvent] = [parked(1), parked(2), released(1)]

    assert PARKINGS.outcome(given=given, when=Unpark(ended=released(1))) == ()
    assert PARKINGS.outcome(given=given, when=Unpark(ended=discarded)) == (discarded,)
    assert PARKINGS.state([*given, discarded]) == frozenset()


def test_history_belongs_to_a_key_of_a_topic() -> None:
    assert PARKINGS.stream(Park(parked=parked(1))) == PARKINGS.stream(Unpark(ended=released(9))) == "parked-t-K"
