"""The checker itself: it passes what an undisturbed line left, and finds each planted bug under the right name.

A checker that has never failed proves nothing. Every bug is planted on a copy of the evidence.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.support.evidence import Evidence, Fact, Stored
from tests.support.invariants import AT_REST, violations
from tests.support.journal import Told
from tests.support.line import Line, run

NOBODY = str(UUID(int=0))
Plant = Callable[[Evidence], Evidence]


@pytest.fixture
async def found(line: Line) -> Evidence:
    """Return what a line left that nobody disturbed; what was poison still waits."""
    undisturbed = replace(line, count=30, poison_every=10, releases=False)
    await run(undisturbed)
    return await undisturbed.evidence()


def giver(found: Evidence, **changes: Any) -> Evidence:  # noqa: ANN401 (fields of all types)
    return replace(found, giver=replace(found.giver, **changes))


def shelver(found: Evidence, **changes: Any) -> Evidence:  # noqa: ANN401 (fields of all types)
    return replace(found, shelver=replace(found.shelver, **changes))


def without(facts: Sequence[Fact], type_: str) -> tuple[Fact, ...]:
    """Return facts without the first of a type."""
    gone = next(fact for fact in facts if fact.type == type_)
    return tuple(fact for fact in facts if fact is not gone)


def one_more(stored: Stored, type_: str) -> tuple[Fact, ...]:
    """Return facts with the first of a type once more, at the end, under another id."""
    first = next(fact for fact in stored.facts if fact.type == type_)
    doubled = replace(first, position=len(stored.facts) + 1, version=99, event_id=NOBODY)
    return (*stored.facts, doubled)


def changed(stored: Stored, n: int, **changes: Any) -> tuple[Fact, ...]:  # noqa: ANN401 (fields of all types)
    facts = list(stored.facts)
    facts[n] = replace(facts[n], **changes)
    return tuple(facts)


def row_changed(found: Evidence, table: str, **changes: object) -> Evidence:
    key, row = next(iter(found.shelver.rows[table].items()))
    rows = {**found.shelver.rows[table], key: {**row, **changes}}
    return shelver(found, rows={**found.shelver.rows, table: rows})


def records_changed(found: Evidence, how: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Evidence:
    place = next(place for place in found.topics if place[0].endswith("registration"))
    return replace(found, topics={**found.topics, place: how(found.topics[place])})


def told_more(found: Evidence, *told: Told) -> Evidence:
    return replace(found, told=(*found.told, *told))


BUGS: dict[str, tuple[Plant, str]] = {
    "an answered command is lost": (
        lambda found: told_more(found, Told("k-x", "D-x", "started"), Told("k-x", "D-x", "ok", "donor-D-x", 1)),
        "I1 no loss",
    ),
    "a fact is lost": (lambda found: giver(found, facts=without(found.giver.facts, "PayerAdded")), "I1 no loss"),
    "a fact that nobody asked for": (
        lambda found: replace(found, told=tuple(told for told in found.told if told.key != "k-0")),
        "I2 no phantom",
    ),
    "a refused command left a fact": (
        lambda found: replace(
            found, told=tuple(replace(told, how="failed") if told.how == "ok" else told for told in found.told)
        ),
        "I2 no phantom",
    ),
    "a consequence without a cause": (
        lambda found: shelver(found, facts=changed(found.shelver, 0, causation_id=NOBODY)),
        "I2 no phantom",
    ),
    "a position is missing": (lambda found: giver(found, facts=found.giver.facts[1:]), "I3 order"),
    "two facts are swapped": (
        lambda found: giver(
            found,
            facts=(
                replace(found.giver.facts[1], position=1),
                replace(found.giver.facts[0], position=2),
                *found.giver.facts[2:],
            ),
        ),
        "I3 order",
    ),
    "a byte is flipped": (
        lambda found: giver(found, facts=changed(found.giver, 3, data=found.giver.facts[3].data.replace(b"CI", b"CJ"))),
        "I3 order",
    ),
    "the tail is cut": (lambda found: giver(found, facts=found.giver.facts[:-1]), "I3 order"),
    "a record is missing": (lambda found: records_changed(found, lambda all_: all_[:1] + all_[2:]), "I3 order"),
    "two records are swapped": (
        lambda found: records_changed(found, lambda all_: (all_[1], all_[0], *all_[2:])),
        "I3 order",
    ),
    "a key was answered twice, differently": (
        lambda found: told_more(found, Told("k-1", "D-1", "ok", "donor-D-1", 2)),
        "I4 one effect per key",
    ),
    "a command was done twice": (
        lambda found: giver(found, facts=one_more(found.giver, "PayerAdded")),
        "I4 one effect per key",
    ),
    "a record was handled twice": (
        lambda found: shelver(found, facts=one_more(found.shelver, "CopyShelved")),
        "I5 one effect per fact",
    ),
    "an own fact was handled twice": (
        lambda found: shelver(found, facts=one_more(found.shelver, "CopyStamped")),
        "I5 one effect per fact",
    ),
    "the world was told twice": (
        lambda found: replace(found, letters=(*found.letters, found.letters[0])),
        "I5 the world is told once",
    ),
    "the world was told before the attempt was kept": (
        lambda found: replace(found, letters=(*found.letters, "D-9/1")),
        "I5 the world is told once",
    ),
    "the world was never told": (lambda found: replace(found, letters=found.letters[1:]), "I5 the world is told once"),
    "a record was skipped": (
        lambda found: shelver(found, facts=without(found.shelver.facts, "CopyShelved")),
        "I5 everything led on",
    ),
    "an own row was folded twice": (
        lambda found: row_changed(found, "rm_shelf_v1", shelved=99),
        "I7 read model = fold",
    ),
    "a foreign row was folded twice": (
        lambda found: row_changed(found, "rm_givers_v1", gifts=99),
        "I7 read model = fold",
    ),
    "a row vanished": (
        lambda found: shelver(found, rows={**found.shelver.rows, "rm_givers_v1": {}}),
        "I7 read model = fold",
    ),
    "a record says something else": (
        lambda found: records_changed(found, lambda all_: (replace(all_[0], data=b"{}"), *all_[1:])),
        "I8 topics hold nothing else",
    ),
    "the tail of a partition is not published": (
        lambda found: records_changed(found, lambda all_: all_[:-1]),
        "I8 topics = log",
    ),
    "the relay's checkpoint is behind": (lambda found: giver(found, relayed=0), "I8 topics = log"),
    "a parked row vanished": (
        lambda found: shelver(found, parked=found.shelver.parked[1:]),
        "I9 nothing vanishes",
    ),
    "a later record of a parked key was handled": (
        lambda found: shelver(
            found, facts=changed(found.shelver, 0, type="CopyShelved", causation_id=_waiting_gift(found).event_id)
        ),
        "I9 nothing vanishes",
    ),
    "a partition was not read to its end": (
        lambda found: shelver(found, checkpoints=dict.fromkeys(found.shelver.checkpoints, (0, 0))),
        "I10 nothing pending",
    ),
}


def _waiting_gift(found: Evidence) -> Fact:
    """Return the last gift of a key that is parked."""
    keys = {row.key for row in found.shelver.parked}
    return next(gift for gift in reversed(found.giver.facts) if gift.key in keys)


async def test_undisturbed_line_breaks_no_promise_and_every_planted_bug_is_found(found: Evidence) -> None:
    missed = {
        bug: sorted(seen) for bug, (plant, name) in BUGS.items() if name not in (seen := violations(plant(found)))
    }

    assert violations(found) == {}
    assert missed == {}
    assert {name for _, name in BUGS.values()} == set(AT_REST)
