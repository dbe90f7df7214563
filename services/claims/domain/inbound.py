"""A file from the mailbox: read once, whatever it is called and however often it lies there.

Owns: what TA1, 999 and 277CA in it said, and that it was seen. Refuses: reading bytes (`acknowledgment.py`), and whom
the answers are about (`reactors.py` looks that up). A file of many claims becomes several facts, so that none grows
without limit.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, assert_never

from msgspec import Meta, Struct

from shared.events.claims import StatusCodes
from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.identifiers import PatientControlNumber, PayerClaimNumber, Sha256
from shared.kernel.unions import members

ANSWERS_MAX: Final = 200
"""Answers in one fact: with it, about 60 kB, and one unit of as many commands."""
FileKind: TypeAlias = Literal["acknowledgment", "not-ours", "unreadable"]


class InterchangeAnswer(Struct, frozen=True, kw_only=True):
    """What a TA1 says."""

    interchange_control_number: Annotated[str, Meta(description="ISA13 that is answered.", examples=["000000001"])]
    accepted: Annotated[bool, Meta(description="Whether it was taken.", examples=[True])]
    codes: Annotated[tuple[str, ...], Meta(description="TA104 and TA105.", examples=[["TA1:A", "TA1:000"]])]


class SetAnswer(Struct, frozen=True, kw_only=True):
    """What a 999 says of one transaction set, or of a whole group."""

    group_control_number: Annotated[str, Meta(description="GS06 that is answered.", examples=["1"])]
    transaction_control_number: Annotated[
        str | None, Meta(description="ST02 that is answered; none: all of the group.", examples=["0001"])
    ]
    accepted: Annotated[bool, Meta(description="Whether it is processed.", examples=[True])]
    codes: Annotated[tuple[str, ...], Meta(description="IK5, IK3, AK9 codes.", examples=[["IK5:A"]])]


class ClaimAnswer(Struct, frozen=True, kw_only=True):
    """What a 277CA says of one claim."""

    patient_control_number: PatientControlNumber
    kind: Annotated[
        Literal["acknowledged", "accepted", "rejected", "unclear"],
        Meta(description="What it comes to; unclear: a person must look.", examples=["accepted"]),
    ]
    level: Annotated[Literal["clearinghouse", "payer"], Meta(description="Who says it.", examples=["payer"])]
    status_codes: StatusCodes
    payer_claim_number: Annotated[PayerClaimNumber | None, Meta(description="The payer's number, if said.")]


class MailboxFileSeen(Event, frozen=True, kw_only=True):
    """A file lay in the mailbox, and is not fetched again. **Moment**: fetched. **Key**: `file_sha256`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "file_sha256"
    file_sha256: Sha256
    remote_id: Annotated[str, Meta(description="Its id in the mailbox.", examples=["7"])]
    file_name: Annotated[str, Meta(description="Its name there.", examples=["277ca-000000001.x12"])]
    size_bytes: Annotated[int, Meta(description="Its length.", examples=[1024], ge=0)]
    cursor: Annotated[
        str | None, Meta(description="Where the listing that showed it began: all before was seen.", examples=["6"])
    ]
    kind: Annotated[FileKind, Meta(description="Whose it is.", examples=["acknowledgment"])]
    error_slug: Annotated[
        str | None, Meta(description="Why it cannot be read; none: it can.", examples=["x12-malformed"])
    ]
    seen_at: Instant


class AcknowledgmentReceived(Event, frozen=True, kw_only=True):
    """Somebody answered files or claims of ours. **Moment**: file read. **Key**: `file_sha256`.

    **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "file_sha256"
    file_sha256: Sha256
    part: Annotated[int, Meta(description="Which part of the file's answers, from 1.", examples=[1], ge=1)]
    interchanges: Annotated[tuple[InterchangeAnswer, ...], Meta(description="Answers of TA1s.", examples=[[]])]
    sets: Annotated[tuple[SetAnswer, ...], Meta(description="Answers of 999s.", examples=[[]])]
    claims: Annotated[tuple[ClaimAnswer, ...], Meta(description="Answers of 277CAs.", examples=[[]])]
    received_at: Instant


InboundEvent: TypeAlias = MailboxFileSeen | AcknowledgmentReceived


@dataclass(frozen=True, slots=True)
class Answers:
    """All that one file says."""

    interchanges: tuple[InterchangeAnswer, ...] = ()
    sets: tuple[SetAnswer, ...] = ()
    claims: tuple[ClaimAnswer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveFile:
    """Note a file of the mailbox. **Shape**: `answers` are None where it is not ours or cannot be read."""

    file_sha256: str
    remote_id: str
    file_name: str
    size_bytes: int
    cursor: str | None
    kind: FileKind
    answers: Answers | None
    error_slug: str | None = None
    now: datetime


Command: TypeAlias = ReceiveFile


@dataclass(frozen=True, slots=True)
class Inbound:
    """What is known of these bytes."""

    remote_ids: frozenset[str] = frozenset()
    answered: bool = False


def decide(inbound: Inbound, command: Command) -> tuple[InboundEvent, ...]:
    """Return that a file was seen, and what it says where nobody read these bytes before."""
    seen = MailboxFileSeen(
        file_sha256=command.file_sha256,
        remote_id=command.remote_id,
        file_name=command.file_name,
        size_bytes=command.size_bytes,
        cursor=command.cursor,
        kind=command.kind,
        error_slug=command.error_slug,
        seen_at=command.now,
    )
    news = () if command.remote_id in inbound.remote_ids else (seen,)
    return news if inbound.answered or command.answers is None else (*news, *_parts(command, command.answers))


def _parts(command: ReceiveFile, answers: Answers) -> tuple[AcknowledgmentReceived, ...]:
    starts = range(0, max(map(len, (answers.interchanges, answers.sets, answers.claims))), ANSWERS_MAX)
    return tuple(
        AcknowledgmentReceived(
            file_sha256=command.file_sha256,
            part=part,
            interchanges=answers.interchanges[start : start + ANSWERS_MAX],
            sets=answers.sets[start : start + ANSWERS_MAX],
            claims=answers.claims[start : start + ANSWERS_MAX],
            received_at=command.now,
        )
        for part, start in enumerate(starts, start=1)
    )


def evolve(inbound: Inbound, event: InboundEvent) -> Inbound:
    """Return the state after a stored fact."""
    match event:
        case MailboxFileSeen():
            return replace(inbound, remote_ids=inbound.remote_ids | {event.remote_id})
        case AcknowledgmentReceived():
            return replace(inbound, answered=True)
        case _:
            assert_never(event)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per content."""
    return f"inbound-{command.file_sha256}"


INBOUND_FILES: Final[Decider[Inbound, Command, InboundEvent]] = Decider(
    commands=members(Command),
    events=members(InboundEvent),
    stream=stream,
    initial=Inbound(),
    decide=decide,
    evolve=evolve,
)
