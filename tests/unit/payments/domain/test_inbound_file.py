"""A file that came in is noted once for each place where it lay, and kept once where it cannot be read."""

from dataclasses import replace
from datetime import UTC, datetime

from services.payments.domain.inbound_file import (
    INBOUND_FILES,
    InboundFileUnreadable,
    KeepUnreadableFile,
    NoteMailboxFile,
    RemittanceFileSeen,
)

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)
SHA = "a" * 64
KEEP = KeepUnreadableFile(
    file_sha256=SHA,
    slug="x12-truncated",
    segment=12,
    segment_id="CLP",
    byte_offset=1024,
    size_bytes=2048,
    source="mailbox",
    now=NOW,
)
KEPT = InboundFileUnreadable(
    file_sha256=SHA,
    slug="x12-truncated",
    segment=12,
    segment_id="CLP",
    byte_offset=1024,
    size_bytes=2048,
    source="mailbox",
    received_at=NOW,
)
NOTE = NoteMailboxFile(
    file_sha256=SHA, remote_id="7", file_name="7.835", size_bytes=2048, kind="remittance", cursor="6", now=NOW
)
SEEN = RemittanceFileSeen(
    file_sha256=SHA, remote_id="7", file_name="7.835", size_bytes=2048, kind="remittance", cursor="6", seen_at=NOW
)


def test_keeps_an_unreadable_file_once() -> None:
    assert INBOUND_FILES.outcome(given=[], when=KEEP) == (KEPT,)
    assert INBOUND_FILES.outcome(given=[KEPT], when=KEEP) == ()


def test_notes_a_file_once_for_each_entry_of_the_mailbox() -> None:
    elsewhere = replace(NOTE, remote_id="8")

    assert INBOUND_FILES.outcome(given=[], when=NOTE) == (SEEN,)
    assert INBOUND_FILES.outcome(given=[SEEN], when=NOTE) == ()
    assert len(INBOUND_FILES.outcome(given=[SEEN], when=elsewhere)) == 1


def test_same_bytes_have_one_history() -> None:
    assert INBOUND_FILES.stream(KEEP) == INBOUND_FILES.stream(NOTE) == f"inbound-{SHA}"
