"""What this process wrote last: one run without a gap, bounded, as the store gives it back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec import structs

from shared.events.envelope import Actor, Envelope
from shared.runtime import written
from shared.runtime.store import Head
from shared.runtime.written import Written

MOMENT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
HEAD = Head(store_id="s", incarnation=1, position=3, chain_hash=b"3", recorded_at=MOMENT)


def fact(position: int) -> Envelope:
    return Envelope(
        position=position,
        tenant_id="demo",
        stream="patient-1",
        version=position,
        event_id=f"e-{position}",
        type="PatientRegistered",
        schema_version=1,
        key="1",
        public=True,
        occurred_at=MOMENT,
        recorded_at=MOMENT,
        actor=Actor(kind="human", id="clerk"),
        correlation_id="c",
        causation_id=None,
        unit_first=position,
        unit_last=position,
        names=(),
        chain_hash=b"%d" % position,
        data=b"x" * 100,
    )


def facts(first: int, last: int) -> list[Envelope]:
    return [fact(position) for position in range(first, last + 1)]


def positions(known: Written, after: int) -> list[int]:
    return [each.position for each in known.after(after)]


def test_commits_that_follow_from_each_other_are_one_run() -> None:
    known = Written()
    known.add(HEAD, facts(4, 5))
    known.add(replace(HEAD, position=5, chain_hash=b"5"), facts(6, 6))

    assert positions(known, 3) == [4, 5, 6]
    assert positions(known, 5) == [6]
    assert positions(known, 6) == []


def test_place_before_the_run_is_not_known() -> None:
    known = Written()
    assert positions(known, 0) == []
    known.add(HEAD, facts(4, 5))

    assert positions(known, 2) == []


@pytest.mark.parametrize("head", [replace(HEAD, position=6, chain_hash=b"6"), replace(HEAD, position=5)])
def test_facts_of_another_process_or_history_begin_a_new_run(head: Head) -> None:
    known = Written()
    known.add(HEAD, facts(4, 5))
    known.add(head, facts(head.position + 1, head.position + 2))

    assert positions(known, 3) == []
    assert positions(known, head.position) == [head.position + 1, head.position + 2]


def test_who_starts_anew_finds_nothing_from_before() -> None:
    known = Written()
    known.add(HEAD, facts(4, 5))
    known.forget()

    assert positions(known, 3) == []


@pytest.mark.parametrize("limit", ["_FACTS_MAX", "_BYTES_MAX"])
def test_oldest_are_forgotten(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, limit, {"_FACTS_MAX": 10, "_BYTES_MAX": 1_000}[limit])
    known = Written()
    for position in range(4, 40):
        known.add(replace(HEAD, position=position - 1, chain_hash=b"%d" % (position - 1)), [fact(position)])
    kept = positions(known, 38)

    assert kept == [39]
    assert positions(known, 3) == []
    assert positions(known, 34) == [35, 36, 37, 38, 39]


def test_instants_are_in_utc_as_the_store_gives_them_back() -> None:
    known = Written()
    local = structs.replace(fact(4), occurred_at=MOMENT.astimezone(timezone(timedelta(hours=2))))
    known.add(HEAD, [local])
    (found,) = known.after(3)

    assert (found.occurred_at, found.occurred_at.utcoffset()) == (MOMENT, timedelta(0))
