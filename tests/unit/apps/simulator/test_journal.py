"""A killed simulator comes back with the same mail and the same book, whatever it was told."""

import errno
import json
import resource
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apps.simulator import desk, payers
from apps.simulator.attic import Attic
from apps.simulator.book import BookPages
from apps.simulator.case import Case
from apps.simulator.clock import NotASpan, span
from apps.simulator.front import Front
from apps.simulator.journal import Journal, JournalOfOtherSettings, JournalOfOtherVersion
from apps.simulator.office import Office, Task
from apps.simulator.settings import Settings
from tests.unit.apps.simulator.asking import about, asked, asked_claims, claim, subscriber
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set

AT = datetime(2026, 11, 2, 3, tzinfo=UTC)


def _front(path: Path, *, seed: int = 7, speed: int = 1, at: datetime = AT) -> Front:
    return Front(Settings(state_file=str(path), seed=seed, speed=speed), real=lambda: at)


def _content(number: int) -> bytes:
    claims = member("M1", f"A{number}"), member("PAID1", f"B{number}"), member("CORR1", f"C{number}")
    return interchange(transaction_set(*claims), number=number)


def _worked(path: Path) -> Front:
    front = _front(path)
    front.receive("key-1", _content(1))
    front.enroll("EXHP1", "M1", "DENY27")
    front.receive("key-2", _content(2))
    front.receive("key-3", asked(about(subscriber("PAID1")), number=3))
    front.receive("key-4", asked_claims("PAID1", claim(number="B1"), number=4))
    front.advance(timedelta(days=30))
    front.close()
    return front


def _fails_once_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let payers decide and pay once more, and then break, as a defect behind it does; later they are whole."""
    settle, failures = payers.settle, iter([ZeroDivisionError])

    def settled(office: Office, tasks: Iterable[tuple[Task, Case]]) -> None:
        settle(office, tasks)
        for each in failures:
            raise each

    monkeypatch.setattr(payers, "settle", settled)


def _contents(front: Front) -> tuple[Sequence[bytes], Sequence[object], BookPages]:
    """Return what lies in the attic."""
    office = front.office
    mail = [each.content for each in office.mailbox]
    return mail, [each.claim_and_decided for each in office.cases], office.book.pages()


def test_replays_into_the_same_mail_and_book(tmp_path: Path) -> None:
    before = _worked(tmp_path / "journal")

    after = _front(tmp_path / "journal")

    assert after.office.mailbox == before.office.mailbox
    assert _contents(after) == _contents(before)
    assert [mail.name[-4:] for mail in after.office.mailbox if mail.name.endswith(("271", "277"))] == [".271", ".277"]
    assert after.office.receipts == before.office.receipts
    assert [each.status for each in after.office.book.claims].count("reversed") == 2
    assert after.clock.now() == AT + timedelta(days=30)
    after.close()


def test_goes_on_in_the_time_that_it_had_reached(tmp_path: Path) -> None:
    _front(tmp_path / "journal", speed=24).close()

    after = _front(tmp_path / "journal", speed=24, at=AT + timedelta(hours=2))

    assert after.clock.now() == AT + timedelta(days=2)
    after.close()


def test_forgets_a_line_that_was_cut_off_and_goes_on_behind_the_last_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    _worked(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])

    front = _front(path)
    assert [each.status for each in front.office.book.claims].count("reversed") == 0
    front.advance(timedelta(days=30))
    front.close()

    assert path.read_bytes() == whole


def test_refuses_a_journal_whose_mailbox_would_come_back_with_other_files(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    head = {"version": 1, "seed": 7, "zone": "America/New_York", "claims_per_check_max": 100}
    line = {"key": "key-1", "received_at": AT.isoformat(), "content": _content(1).decode("latin-1")}
    path.write_text("".join(json.dumps(each) + "\n" for each in (head, line)))
    before = path.read_bytes()

    with pytest.raises(JournalOfOtherVersion, match="new data folder"):
        _front(path)

    assert path.read_bytes() == before


def test_refuses_a_journal_that_would_come_back_as_another_book(tmp_path: Path) -> None:
    _worked(tmp_path / "journal")

    with pytest.raises(JournalOfOtherSettings):
        _front(tmp_path / "journal", seed=8)


def test_starts_empty_in_a_folder_that_is_made(tmp_path: Path) -> None:
    front = _front(tmp_path / "new" / "journal")
    front.close()

    assert front.office.receipts == {}
    assert (tmp_path / "new" / "journal").is_file()


def test_does_not_keep_what_it_could_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    front = _front(path)
    before = path.read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(desk, "statuses_of_claims", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            front.receive("key-1", _content(1))

    assert path.read_bytes() == before
    assert front.office.receipts == {}
    front.receive("key-1", _content(1))
    front.close()
    assert [each.status for each in front.office.book.claims].count("paid") > 0
    after = _front(path)
    after.close()
    assert list(after.office.receipts) == ["key-1"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_remembers_nothing_of_what_failed_halfway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_kept: bool
) -> None:
    settings = Settings(state_file=str(tmp_path / "journal") if is_kept else "")
    front, untroubled = (Front(each, real=lambda: AT) for each in (settings, Settings()))
    for each in (front, untroubled):
        each.receive("key-1", _content(1))
        each.enroll("EXHP1", "M1", "DENY27")
    listed = list(front.mail("", 100))
    for work in (lambda: front.receive("key-2", _content(2)), lambda: front.advance(timedelta(days=40))):
        _fails_once_it_is_done(monkeypatch)
        with pytest.raises(ZeroDivisionError):
            work()

    assert (front.office.cases, front.office.mailbox) == (untroubled.office.cases, untroubled.office.mailbox)
    assert list(front.mail("", 100)) == listed
    assert front.clock.now() == AT
    for each in (front, untroubled):
        each.receive("key-2", _content(2))
        each.advance(timedelta(days=40))
    assert front.office == untroubled.office
    assert _contents(front) == _contents(untroubled)
    front.close()


def test_a_full_disk_costs_what_does_not_fit_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    front, untroubled = (Front(Settings(), real=lambda: AT) for _ in range(2))
    for each in (front, untroubled):
        each.receive("key-1", _content(1))
    attic, put = front.office.attic, Attic.put
    room = attic.put(b"")

    def put_where_it_fits(attic: Attic, content: bytes) -> int:
        place = put(attic, content)
        if attic is not front.office.attic or place >= room:
            raise OSError(errno.ENOSPC, "full")
        return place

    with monkeypatch.context() as patched:
        patched.setattr(Attic, "put", put_where_it_fits)
        for _ in range(2):
            with pytest.raises(OSError, match="full"):
                front.receive("key-2", _content(2))
            assert _contents(front) == _contents(untroubled)
    for each in (front, untroubled):
        each.receive("key-2", _content(2))

    assert (front.office, front.office.attic) == (untroubled.office, attic)
    assert _contents(front) == _contents(untroubled)


def test_remembers_nothing_of_a_day_that_failed_as_time_went_by(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [AT]
    front = Front(Settings(), real=lambda: at[0])
    front.receive("key-1", _content(1))
    at[0] += timedelta(days=31)
    _fails_once_it_is_done(monkeypatch)
    with pytest.raises(ZeroDivisionError):
        front.catch_up()
    assert [each.status for each in front.office.book.claims].count("reversed") == 0

    front.catch_up()

    assert [each.status for each in front.office.book.claims].count("reversed") == 1
    front.close()


def test_hands_out_no_file_of_what_is_still_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    front, seen, settle = Front(Settings(), real=lambda: AT), list[int](), payers.settle

    def settled(office: Office, tasks: Iterable[tuple[Task, Case]]) -> None:
        settle(office, tasks)
        seen.append(len(front.mail("", 9)))

    monkeypatch.setattr(payers, "settle", settled)
    front.receive("key-1", _content(1))

    assert seen == [0]
    assert len(front.mail("", 9)) == len(front.office.mailbox) == 4
    front.close()


def test_mends_itself_where_it_could_not_be_built_anew_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    front = _front(tmp_path / "journal")
    with monkeypatch.context() as broken:
        broken.setattr(desk, "receive", lambda *_: 1 // 0)
        broken.setattr(Journal, "told", lambda _: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            front.receive("key-1", _content(1))

    front.receive("key-1", _content(1))

    assert len(front.office.receipts) == 1
    front.close()


def test_takes_back_a_line_that_the_disk_did_not_take(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    front = _front(path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limits[1]))
    try:
        with pytest.raises(OSError, match="whole line"):
            front.receive("key-1", _content(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert path.read_bytes() == before
    assert front.office.receipts == {}
    front.close()


def test_is_nobody_elses_to_read(tmp_path: Path) -> None:
    _front(tmp_path / "journal").close()

    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600


def test_refuses_a_jump_behind_the_calendar_before_it_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    front = _front(path)
    before = path.read_bytes()

    for jump in (front.advance, front.break_down):
        with pytest.raises(NotASpan):
            jump(timedelta(days=2_600_000))

    assert path.read_bytes() == before
    front.close()


@pytest.mark.parametrize("text", ["3651d", "99999w"])
def test_refuses_a_span_that_nobody_means(text: str) -> None:
    assert span("3650d") == timedelta(days=3_650)
    with pytest.raises(NotASpan):
        span(text)
