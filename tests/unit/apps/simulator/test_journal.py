"""A killed simulator comes back with the same mail and the same book."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.simulator.journal import Journal, JournalOfOtherSettings
from apps.simulator.office import Office
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set

AT = datetime(2026, 11, 2, 3, tzinfo=UTC)


def _office(seed: int = 7) -> Office:
    return Office(seed, "America/New_York", 100)


def _worked(path: Path) -> Office:
    office = _office()
    journal = Journal(path, office)
    for number in (1, 2):
        content = interchange(transaction_set(member("M1", f"A{number}"), member("PAID1", f"B{number}")), number=number)
        journal.append(f"key-{number}", content, AT)
        office.receive(f"key-{number}", content, AT)
    journal.close()
    return office


def test_replays_into_the_same_mail_and_book(tmp_path: Path) -> None:
    before, after = _worked(tmp_path / "journal"), _office()

    Journal(tmp_path / "journal", after).close()

    assert after.mailbox == before.mailbox
    assert after.book == before.book
    assert after.receipts == before.receipts


def test_forgets_a_line_that_was_cut_off_and_goes_on_behind_the_last_whole_one(tmp_path: Path) -> None:
    path, office = tmp_path / "journal", _office()
    _worked(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])

    journal = Journal(path, office)
    journal.append("key-2", interchange(transaction_set(member("PAID1", "B2")), number=2), AT)
    journal.close()

    assert list(office.receipts) == ["key-1"]
    assert path.read_bytes().count(b"\n") == whole.count(b"\n")
    Journal(path, _office()).close()


def test_refuses_a_journal_that_would_come_back_as_another_book(tmp_path: Path) -> None:
    _worked(tmp_path / "journal")

    with pytest.raises(JournalOfOtherSettings):
        Journal(tmp_path / "journal", _office(seed=8))


def test_starts_empty_in_a_folder_that_is_made(tmp_path: Path) -> None:
    office = _office()

    Journal(tmp_path / "new" / "journal", office).close()

    assert office.receipts == {}
    assert (tmp_path / "new" / "journal").is_file()
