"""Turns and passes of a table that is here at last, as given, when, then."""

from msgspec import structs

from services.validation.domain.table_pass import (
    TABLE_PASSES,
    EndTablePass,
    TablePassEnded,
    TableTurnTaken,
    TakeTableTurn,
)
from tests.unit.validation.samples import NOW

ENDED = TablePassEnded(system="add_ons", sha256="0" * 64, pass_no=1, ended_at=NOW)
TURN = TableTurnTaken(system="add_ons", sha256="0" * 64, encounter_ids=("EN-1",), taken_at=NOW)
TAKE = TakeTableTurn(system="add_ons", sha256="0" * 64, encounter_ids=("EN-1",), now=NOW)


def end(pass_no: int) -> EndTablePass:
    return EndTablePass(system="add_ons", sha256="0" * 64, pass_no=pass_no, now=NOW)


def test_says_whose_turn_it_is() -> None:
    assert TABLE_PASSES.outcome(given=(), when=TAKE) == (TURN,)
    assert TABLE_PASSES.outcome(given=[TURN, ENDED], when=TAKE) == (TURN,)  # in the second pass, if it still lacks it


def test_a_pass_ends_once() -> None:
    assert TABLE_PASSES.outcome(given=[TURN], when=end(1)) == (ENDED,)
    assert TABLE_PASSES.outcome(given=[TURN, ENDED, TURN], when=end(1)) == ()
    assert TABLE_PASSES.outcome(given=[ENDED], when=end(2)) == (structs.replace(ENDED, pass_no=2),)


def test_has_one_history_for_each_table() -> None:
    assert TABLE_PASSES.stream(TAKE) == TABLE_PASSES.stream(end(1)) == f"table-{'0' * 64}"
