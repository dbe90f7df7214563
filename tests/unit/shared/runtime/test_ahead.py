"""What reactions and commands lead to is found out ahead, and forgotten where rows or states changed since."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from shared.events.registration import PayerAdded
from shared.kernel.decider import Decider
from shared.runtime.ahead import Cause, Decisions, Rehearsal
from shared.runtime.keys import LocalKms, MemoryKeyStore, Vault
from shared.runtime.store import table_name
from shared.runtime.wiring import Wiring
from tests.support.lending import CARDS, DONORS, LEND_TO_DONOR, CardIssued, Donor, Issue, Lend, lending
from tests.support.memory import TENANT, envelope_of

NOW: Final = datetime(2026, 3, 3, 15, tzinfo=UTC)
PLACE: Final = (table_name(DONORS), (TENANT, "P-1"))
FIRST_ID: Final = "first-fact"


def added(name: str, *, position: int = 1) -> Cause:
    """Return a record of a payer."""
    event = PayerAdded(
        payer_id="P-1",
        payer_name=name,
        clearinghouse_payer_id="EXHP1",
        claim_filing_indicator="CI",
        filing_limit_days=90,
        filing_limit_months=None,
        zone="America/New_York",
        address=None,
        added_at=NOW,
    )
    envelope = envelope_of(event, position=position, at=NOW)
    return Cause(envelope, event, is_foreign=True, reactions=((LEND_TO_DONOR, FIRST_ID),))


def rehearsed(*causes: Cause, existing: frozenset[str] = frozenset()) -> Rehearsal:
    """Return a rehearsal of which the row was loaded: there is none."""
    rehearsal = Rehearsal(Wiring(lending()), causes, existing)
    assert not rehearsal.missing({PLACE: None})
    return rehearsal


def test_rows_that_are_not_loaded_are_asked_for_once() -> None:
    rehearsal = Rehearsal(Wiring(lending()), [added("Ada")], frozenset())

    assert rehearsal.missing({}) == {DONORS: {(TENANT, "P-1")}}
    assert rehearsal.missing({PLACE: None}) == {}


def test_each_record_is_rehearsed_on_the_rows_that_those_before_it_leave() -> None:
    first, second = added("Ada"), added("Bo", position=2)
    rehearsal = rehearsed(first, second)

    for cause, name in ((first, "Ada"), (second, "Bo")):
        found = rehearsal.commands(LEND_TO_DONOR, cause.envelope, {PLACE: Donor("P-1", name)})
        assert found == (Lend(copy_id="P-1", title=name, pages=90),)


def test_what_was_foreseen_does_not_hold_once_a_row_is_another_one() -> None:
    cause = added("Ada")
    rehearsal = rehearsed(cause)

    assert rehearsal.commands(LEND_TO_DONOR, cause.envelope, {PLACE: Donor("P-1", "Cy")}) is None
    assert rehearsal.commands(LEND_TO_DONOR, cause.envelope, {PLACE: None}) is None
    assert rehearsal.commands(LEND_TO_DONOR, cause.envelope, {}) is None


def test_the_streams_are_named_on_which_reactions_will_decide() -> None:
    assert [stream for stream, _ in rehearsed(added("Ada")).targets()] == [(TENANT, "copy-P-1")]


def test_a_reaction_whose_facts_are_there_is_not_rehearsed() -> None:
    rehearsal = rehearsed(added("Ada"), existing=frozenset({FIRST_ID}))

    assert list(rehearsal.targets()) == []


def test_a_record_that_cannot_be_folded_is_left_to_who_handles_it() -> None:
    cause = added("poison")

    assert rehearsed(cause).commands(LEND_TO_DONOR, cause.envelope, {PLACE: Donor("P-1", "poison")}) is None


def counted() -> tuple[Decider[Any, Any, Any], list[object]]:
    """Return a decider and the states that it was asked on."""
    asked: list[object] = []

    def decide(state: str | None, command: Issue) -> tuple[CardIssued, ...]:
        asked.append(state)
        return CARDS.decide(state, command)

    return replace(CARDS, decide=decide), asked


async def test_a_command_is_decided_once_for_as_long_as_its_state_is_the_same() -> None:
    decisions = Decisions(Vault(Wiring(lending()).registry, LocalKms(bytes(32)), MemoryKeyStore()))
    (decider, asked), issue = counted(), Issue(reader_id="R-1", name="Ada")

    ((fact, names),) = await decisions.facts(TENANT, decider, None, issue)
    assert (fact, [kind for _, kind, _ in names]) == (CardIssued(patient_id="R-1", card_name="Ada"), ["card"])
    assert await decisions.facts(TENANT, decider, None, issue) == [(fact, names)]
    assert await decisions.facts(TENANT, decider, "Ada", issue) == []
    assert asked == [None, "Ada"]


async def test_a_name_of_one_tenant_is_not_that_of_another() -> None:
    decisions = Decisions(Vault(Wiring(lending()).registry, LocalKms(bytes(32)), MemoryKeyStore()))
    issue = Issue(reader_id="R-1", name="Ada")

    ((_, ours),) = await decisions.facts(TENANT, CARDS, None, issue)
    ((_, theirs),) = await decisions.facts("another", CARDS, None, issue)
    assert ours != theirs
