"""What contradicts itself in a service is found when it starts."""

from dataclasses import replace
from typing import ClassVar

import pytest

from shared.events.envelope import Event
from shared.events.registration import PayerAdded
from shared.kernel.reaction import Reaction
from shared.runtime.definition import Worklist
from shared.runtime.wiring import Wiring
from tests.support.donating import donating
from tests.support.lending import (
    CARDS,
    COPIES,
    DONORS,
    LEND_TO_DONOR,
    SHELVES,
    CopyLent,
    Issue,
    Lend,
    lending,
)
from tests.support.waiting import LOANS, WAITING, waiting


def test_command_finds_its_decider_and_fact_its_read_models() -> None:
    wiring = Wiring(lending())

    assert wiring.decider(Lend(copy_id="C-1")) is COPIES
    assert wiring.decider(Issue(reader_id="R-1", name="Ada")) is CARDS
    assert wiring.own[CopyLent] == [SHELVES]
    assert wiring.foreign[PayerAdded] == [DONORS]
    assert [each.name for each in wiring.own_reactions[CopyLent]] == ["return_bad"]
    assert [each.name for each in wiring.foreign_reactions[PayerAdded]] == ["lend_to_donor"]


def test_only_published_facts_are_public() -> None:
    assert "PayerAdded" in Wiring(donating()).public
    assert Wiring(lending()).public == frozenset()


def test_topics_to_read_follow_from_what_is_asked_for() -> None:
    alone = replace(lending(), projections=(SHELVES,), reactions=())

    assert Wiring(lending()).foreign_producers == ("registration",)
    assert Wiring(alone).foreign_producers == ()


def test_command_of_two_deciders_is_refused() -> None:
    with pytest.raises(ValueError, match="two deciders take Lend"):
        Wiring(replace(lending(), deciders=(COPIES, replace(COPIES, initial=True))))


@pytest.mark.parametrize(
    "changes",
    [
        {"projections": (SHELVES, replace(DONORS, name="shelves"))},
        {"reactions": (LEND_TO_DONOR, replace(LEND_TO_DONOR))},
    ],
    ids=["read models", "reactions"],
)
def test_two_values_of_one_name_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="two have one name"):
        Wiring(replace(lending(), **changes))  # type: ignore[arg-type]  # fields by name


class NobodysFact(Event, frozen=True, kw_only=True):
    """Published by nobody."""

    key: ClassVar[str] = "copy_id"
    copy_id: str


def test_fact_that_nobody_publishes_is_refused() -> None:
    reaction = Reaction(name="wait_for_nobody", on=NobodysFact, react=lambda _, __: ())
    wiring = Wiring(replace(lending(), reactions=(reaction,)))

    with pytest.raises(ValueError, match="not published by anybody"):
        _ = wiring.foreign_producers


@pytest.mark.parametrize(
    "field",
    [{"reason": "pages"}, {"reason": "nothing"}, {"due": "times"}, {"amount": "away"}, {"reason": "copy_id"}],
    ids=lambda field: " ".join(map(" ".join, field.items())),
)
def test_worklist_whose_reason_due_date_or_amount_is_none_is_refused(field: dict[str, str]) -> None:
    worklist = Worklist(projection=SHELVES, where={}, owner="clerk", about="Copies", **field)

    with pytest.raises(ValueError, match="of away is no column of that type"):
        Wiring(replace(lending(), worklists={"away": worklist}))


def test_worklist_whose_reasons_may_not_be_counted_is_refused() -> None:
    named = replace(LOANS, countable=())

    with pytest.raises(ValueError, match="the reasons of loans may not be counted"):
        Wiring(replace(waiting(), worklists={"loans": replace(WAITING, projection=named)}))
