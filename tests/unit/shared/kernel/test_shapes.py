"""Deciders, unions, rows and erased values: what the runtime relies on."""

from datetime import UTC, datetime

import pytest

from shared.kernel.erased import ERASED, known
from shared.kernel.errors import Conflict, KnownError, Malformed, NotFound, Rejected, Unavailable
from shared.kernel.reaction import Rows, no_rows
from shared.kernel.unions import members
from tests.support.lending import COPIES, DONORS, SHELVES, AlreadyLent, CopyLent, CopyReturned, Lend, Return


def test_decider_tells_what_a_command_adds_to_a_history() -> None:
    lent = CopyLent(copy_id="C-1", title="Example")

    assert COPIES.outcome(given=[], when=Lend(copy_id="C-1")) == (lent,)
    assert COPIES.outcome(given=[lent], when=Return(copy_id="C-1")) == (CopyReturned(copy_id="C-1"),)
    assert COPIES.outcome(given=[lent, CopyReturned(copy_id="C-1")], when=Return(copy_id="C-1")) == ()
    with pytest.raises(AlreadyLent):
        COPIES.outcome(given=[lent], when=Lend(copy_id="C-1"))


def test_state_without_a_history_is_the_initial_one() -> None:
    assert COPIES.state([]) is False


def test_union_of_one_class_has_one_member() -> None:
    assert members(CopyLent) == (CopyLent,)
    assert members(CopyLent | CopyReturned) == (CopyLent, CopyReturned)


def test_row_that_needs_did_not_name_is_a_defect_and_one_that_is_missing_is_none() -> None:
    rows = Rows({("shelves", "C-1"): None}, datetime(2026, 3, 3, tzinfo=UTC))

    assert rows.get(SHELVES, "C-1") is None
    assert (rows.has(SHELVES, "C-1"), rows.has(SHELVES, "C-2"), rows.has(DONORS, "C-1")) == (True, False, False)
    with pytest.raises(KeyError):
        rows.get(SHELVES, "C-2")
    assert no_rows(object(), rows) == {}


def test_erased_value_is_replaced_and_falsy_ones_are_not() -> None:
    assert known(ERASED, otherwise="nobody") == "nobody"
    assert known("", otherwise="nobody") == ""
    assert known(0, otherwise=7) == 0


@pytest.mark.parametrize("kind", [Malformed, Rejected, NotFound, Conflict, Unavailable])
def test_every_kind_of_failure_is_an_expected_one_and_no_kind_is_another(kind: type[KnownError]) -> None:
    others = {Malformed, Rejected, NotFound, Conflict, Unavailable} - {kind}

    assert issubclass(kind, KnownError)
    assert not any(issubclass(kind, other) for other in others)
