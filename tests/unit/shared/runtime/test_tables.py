"""Tables that users loaded: what is in force, what is here, and what a damaged file does."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path

import pytest

from shared.codesets.edition import TableNotLoaded, Why
from shared.codesets.library import Library
from shared.codesets.ncci_ptp import PRACTITIONER, PtpEdits
from shared.codesets.official import Built
from shared.codesets.packed import NotATable
from shared.codesets.systems import RESTATED
from shared.events.coding import CodeSetEditionLoaded
from shared.runtime.tables import (
    EVERYTHING,
    CodeTables,
    LoadedTable,
    LoadedTables,
    TableDamaged,
    loaded_tables,
    starter_files,
    starters_in,
)
from tests.support.pair_edits import built, row

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ON = date(2026, 11, 2)
OLD = built(row("11043", "11042", "19960101"), first=date(2026, 7, 1), last=date(2026, 9, 30))
NEW = built(row("11043", "11042", "19960101"), first=date(2026, 10, 1), last=date(2026, 12, 31))
CORRECTED = built(row("10061", "10060", "19960101"), first=date(2026, 10, 1), last=date(2026, 12, 31))
IN_FORCE = loaded_tables("foreign")


def loaded(table: Built, *, replaces: Built | None = None, packed: str | None = "0" * 64) -> CodeSetEditionLoaded:
    edition = table.edition
    return CodeSetEditionLoaded(
        system=edition.system,
        release=edition.release,
        effective_from_on=edition.effective_from,
        effective_to_on=edition.effective_to,
        sha256=edition.sha256,
        source=edition.source,
        licence_acknowledged=None,
        loaded_at=NOW,
        is_starter=packed is None,
        packed_sha256=packed,
        replaces=replaces.edition.sha256 if replaces else None,
    )


def folded(events: Iterable[CodeSetEditionLoaded]) -> LoadedTables | None:
    state: LoadedTables | None = None
    for event in events:
        for key in IN_FORCE.keys(event):
            assert key == EVERYTHING
            state = IN_FORCE.apply(state, event)
    return state


def tables(folder: Path | None = None) -> CodeTables:
    return CodeTables(Library(), IN_FORCE, str(folder) if folder else "")


def the(table: Built) -> LoadedTable:
    return LoadedTable(system=table.edition.system, sha256=table.edition.sha256, packed_sha256="0" * 64)


def test_a_starter_that_is_missing_is_not_loaded_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    restated = [shelf.system.name for shelf in RESTATED]

    assert [edition.system for edition in starters_in(tmp_path).editions()] == restated
    starter_files(tmp_path)[0].write_bytes(b"no table")
    with pytest.raises(NotATable):
        starters_in(tmp_path)


def test_what_the_product_carries_is_not_fetched() -> None:
    assert folded([loaded(OLD, packed=None)]) is None


def test_what_was_replaced_is_in_force_no_more() -> None:
    assert folded([loaded(OLD), loaded(NEW), loaded(CORRECTED, replaces=NEW)]) == LoadedTables(
        tables=tuple(sorted([the(OLD), the(CORRECTED)]))
    )


def test_editions_of_different_code_sets_may_come_in_any_order() -> None:
    assert len({folded(order) for order in permutations([loaded(OLD), loaded(NEW), loaded(OLD)])}) == 1


@pytest.mark.parametrize("kept_in", ["folder", "memory"])
def test_a_table_answers_from_the_moment_that_it_is_here(tmp_path: Path, kept_in: str) -> None:
    here = tables(tmp_path / "tables" if kept_in == "folder" else None)
    in_force = folded([loaded(NEW)])

    assert here.library(in_force).on(PRACTITIONER, ON) == TableNotLoaded(PRACTITIONER.name, Why.ABSENT)
    assert here.missing(in_force) == (the(NEW),)

    here.keep(the(NEW), NEW.table)

    found = here.library(in_force).on(PRACTITIONER, ON)
    assert isinstance(found, PtpEdits)
    assert found.edit("11043", "11042", ON) is not None
    assert here.missing(in_force) == ()
    assert here.library(in_force) is here.library(folded([loaded(NEW)]))  # put together once


def test_a_second_process_maps_what_the_folder_has(tmp_path: Path) -> None:
    tables(tmp_path).keep(the(NEW), NEW.table)
    other = tables(tmp_path)

    assert other.missing(folded([loaded(NEW), loaded(OLD)])) == (the(OLD),)
    assert isinstance(other.library(folded([loaded(NEW)])).on(PRACTITIONER, ON), PtpEdits)


def test_a_table_that_is_in_force_no_more_does_not_answer(tmp_path: Path) -> None:
    here = tables(tmp_path)
    for each in (NEW, CORRECTED):
        here.keep(the(each), each.table)
    found = here.library(folded([loaded(NEW), loaded(CORRECTED, replaces=NEW)])).on(PRACTITIONER, ON)

    assert isinstance(found, PtpEdits)
    assert found.edition.sha256 == CORRECTED.edition.sha256


@pytest.mark.parametrize("damage", [b"", b"CLTABLE1 cut off", None], ids=["empty", "cut", "another table"])
def test_a_damaged_file_is_taken_away_and_asked_for_anew(tmp_path: Path, damage: bytes | None) -> None:
    tables(tmp_path).keep(the(NEW), NEW.table)
    (file,) = tmp_path.iterdir()
    if damage is None:
        tables(tmp_path).keep(the(OLD), OLD.table)
        (other,) = set(tmp_path.iterdir()) - {file}
        damage = other.read_bytes()
    file.write_bytes(damage)

    assert tables(tmp_path).missing(folded([loaded(NEW)])) == (the(NEW),)
    assert not file.exists()


def test_what_is_brought_under_a_wrong_hash_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TableDamaged, match="another hash"):
        tables(tmp_path).keep(the(NEW), OLD.table)
    assert list(tmp_path.iterdir()) == []


def test_a_code_set_of_a_later_release_is_left_alone() -> None:
    later = LoadedTables(tables=(LoadedTable(system="of_tomorrow", sha256="1" * 64, packed_sha256="2" * 64),))

    assert tables().missing(later) == ()
    assert tables().library(later).editions() == ()
