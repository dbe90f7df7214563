"""How a chain goes on behind a fact that was lost."""

from datetime import UTC, datetime

from msgspec import json, structs

from shared.events.envelope import Envelope, Event, link
from shared.runtime.losses import UNLOCKINGS, PositionLost, StreamUnlocked, Unlock, follows, next_link
from tests.support.donating import donated
from tests.support.memory import envelope_of

AT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)


def chained(before: Envelope | None, event: Event, position: int) -> Envelope:
    envelope = envelope_of(event, position=position, at=AT)
    return structs.replace(envelope, chain_hash=link(before.chain_hash if before else bytes(32), envelope))


def lost(position: int, behind: Envelope | None) -> PositionLost:
    said = next_link(behind) if behind else ""
    return PositionLost(marker=f"lost-{position}-0", position=position, next_link=said, lost_at=AT)


def test_fact_follows_the_one_that_it_was_chained_to() -> None:
    first = chained(None, donated("D-1"), 1)
    second = chained(first, donated("D-2"), 2)

    assert follows(None, first)
    assert follows(first, second)
    assert not follows(None, second)
    assert not follows(second, first)


def test_altered_fact_follows_nothing() -> None:
    first = chained(None, donated("D-1"), 1)

    assert not follows(None, structs.replace(first, data=json.encode(donated("D-2"))))


def test_published_fact_follows_a_lost_one_with_the_hash_that_it_was_published_with() -> None:
    first = chained(None, donated("D-1"), 1)
    gone = chained(first, donated("D-2"), 2)
    third = chained(gone, donated("D-3"), 3)
    told = chained(first, lost(2, third), 2)

    assert follows(first, told)
    assert follows(told, third)
    assert not follows(told, structs.replace(third, data=json.encode(donated("D-4"))))
    assert not follows(chained(first, lost(2, None), 2), third)


def test_released_stream_is_told_each_time() -> None:
    fact = StreamUnlocked(unlocked_stream="copy-1", reason="nothing-missing", unlocked_at=AT)

    assert UNLOCKINGS.outcome(given=[fact], when=Unlock(unlocked=fact)) == (fact,)
    assert UNLOCKINGS.stream(Unlock(unlocked=fact)) == "unlocked-copy-1"
