"""A file that came in: seen once, whatever its name and however often it lies there; kept where it cannot be read.

Owns: which mailbox entries were looked at, and the file that nobody can read. Refuses: to guess what such a file meant.
What was read is told by the remittances themselves (`remittance.py`).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, assert_never

from msgspec import Meta

from services.payments.domain.remittance_facts import RemittanceSource
from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.identifiers import Sha256
from shared.kernel.unions import members

FileKind: TypeAlias = Literal["remittance", "not-ours", "unreadable"]


class InboundFileUnreadable(Event, frozen=True, kw_only=True):
    """A file is not the 835 that it should be. **Moment**: read. **Key**: `file_sha256`. **Versions**: 1 (2026-11)."""

    key: ClassVar[str] = "file_sha256"
    file_sha256: Sha256
    slug: Annotated[str, Meta(description="What is wrong.", examples=["x12-truncated"])]
    segment: Annotated[int, Meta(description="Number of the segment at fault, from 1.", examples=[12])]
    segment_id: Annotated[str | None, Meta(description="Its name, where it has one.", examples=["CLP"])]
    byte_offset: Annotated[int, Meta(description="Where it begins.", examples=[1024])]
    size_bytes: Annotated[int, Meta(description="Size of the file.", examples=[2048])]
    source: Annotated[RemittanceSource, Meta(description="How it came.", examples=["mailbox"])]
    received_at: Instant


class RemittanceFileSeen(Event, frozen=True, kw_only=True):
    """A file lay in the mailbox, and need not be fetched again. **Moment**: dealt with. **Key**: `file_sha256`.

    **Versions**: 1 (2026-11).
    """

    key: ClassVar[str] = "file_sha256"
    file_sha256: Sha256
    remote_id: Annotated[str, Meta(description="Its id in the mailbox.", examples=["7"])]
    file_name: Annotated[str, Meta(description="Its name there.", examples=["835-000000007.x12"])]
    size_bytes: Annotated[int, Meta(description="Size of the file.", examples=[2048])]
    kind: Annotated[FileKind, Meta(description="Whose it is.", examples=["remittance"])]
    cursor: Annotated[
        str | None, Meta(description="Where to list from next: all before was dealt with.", examples=["6"])
    ]
    seen_at: Instant


InboundFileEvent: TypeAlias = InboundFileUnreadable | RemittanceFileSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFile:
    """What is known of these bytes."""

    is_kept: bool = False
    remote_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepUnreadableFile:
    """Keep a file that cannot be read."""

    file_sha256: str
    slug: str
    segment: int
    segment_id: str | None
    byte_offset: int
    size_bytes: int
    source: RemittanceSource
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteMailboxFile:
    """Note that an entry of the mailbox was dealt with."""

    file_sha256: str
    remote_id: str
    file_name: str
    size_bytes: int
    kind: FileKind
    cursor: str | None
    now: datetime


Command: TypeAlias = KeepUnreadableFile | NoteMailboxFile


def decide(file: InboundFile, command: Command) -> tuple[InboundFileEvent, ...]:
    """Return the fact that a command adds, none for what is known."""
    match command:
        case KeepUnreadableFile():
            return () if file.is_kept else (_unreadable(command),)
        case NoteMailboxFile():
            return () if command.remote_id in file.remote_ids else (_seen(command),)
        case _:
            assert_never(command)


def _unreadable(command: KeepUnreadableFile) -> InboundFileUnreadable:
    return InboundFileUnreadable(
        file_sha256=command.file_sha256,
        slug=command.slug,
        segment=command.segment,
        segment_id=command.segment_id,
        byte_offset=command.byte_offset,
        size_bytes=command.size_bytes,
        source=command.source,
        received_at=command.now,
    )


def _seen(command: NoteMailboxFile) -> RemittanceFileSeen:
    return RemittanceFileSeen(
        file_sha256=command.file_sha256,
        remote_id=command.remote_id,
        file_name=command.file_name,
        size_bytes=command.size_bytes,
        kind=command.kind,
        cursor=command.cursor,
        seen_at=command.now,
    )


def evolve(file: InboundFile, event: InboundFileEvent) -> InboundFile:
    """Return what is known after a stored fact."""
    match event:
        case InboundFileUnreadable():
            return replace(file, is_kept=True)
        case RemittanceFileSeen():
            return replace(file, remote_ids=file.remote_ids | {event.remote_id})
        case _:
            assert_never(event)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per file, by its bytes."""
    return f"inbound-{command.file_sha256}"


INBOUND_FILES: Final[Decider[InboundFile, Command, InboundFileEvent]] = Decider(
    commands=members(Command),
    events=members(InboundFileEvent),
    stream=stream,
    initial=InboundFile(),
    decide=decide,
    evolve=evolve,
)
