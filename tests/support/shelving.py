"""A service in which nothing hides a second effect: every gift is shelved, stamped and thanked for, and all is counted.

Gifts come from `donating.py`. A foreign fold, a reaction on foreign facts, a reaction on own facts, an own fold and an
effect stand in one line. Gifts of three names cannot be folded until the service is `mended`. The world is a file with
one line per letter.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, TypeAlias, assert_never

from fastapi import APIRouter
from msgspec import Meta

from shared.events.envelope import Event
from shared.events.registration import PayerAdded
from shared.kernel.decider import Decider
from shared.kernel.errors import Rejected
from shared.kernel.projection import Projection
from shared.kernel.reaction import Reaction, Rows
from shared.kernel.unions import members
from shared.runtime.definition import Api, Service
from shared.runtime.effects import Effect, Outside, Work
from shared.runtime.settings import RuntimeSettings

POISON: Final = "poison"
UNSTORABLE: Final = "unstorable"
DEADLY: Final = "deadly"
SLOW: Final = "slow"
SLOW_SECONDS: Final = 0.2

CopyId = Annotated[str, Meta(description="Copy.", examples=["C-1"])]
LetterId = Annotated[str, Meta(description="Letter.", examples=["C-1/1"])]


class CopyShelved(Event, frozen=True, kw_only=True):
    """A gift was put on the shelf."""

    key: ClassVar[str] = "copy_id"
    copy_id: CopyId
    pages: Annotated[int, Meta(description="Pages.", examples=[100])]


class CopyStamped(Event, frozen=True, kw_only=True):
    """A shelved gift got its stamp."""

    key: ClassVar[str] = "copy_id"
    copy_id: CopyId
    letter_id: LetterId


class LetterAttempted(Event, frozen=True, kw_only=True):
    """A letter of thanks is on its way, or will never be known to be."""

    key: ClassVar[str] = "letter_id"
    letter_id: LetterId


class LetterSent(Event, frozen=True, kw_only=True):
    """A letter of thanks went out."""

    key: ClassVar[str] = "letter_id"
    letter_id: LetterId


CopyEvent: TypeAlias = CopyShelved | CopyStamped
LetterEvent: TypeAlias = LetterAttempted | LetterSent


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelve:
    """Put a gift on the shelf; as often as one comes."""

    copy_id: str
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Stamp a gift; as often as one is shelved."""

    copy_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Begin to send a letter: once."""

    letter_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSent:
    """Say that a letter went out."""

    letter_id: str


CopyCommand: TypeAlias = Shelve | Stamp
LetterCommand: TypeAlias = Attempt | RecordSent


class Begun(Rejected):
    """A letter has one attempt."""

    slug = "letter-begun"


def _decide_copy(stamps: int, command: CopyCommand) -> tuple[CopyEvent, ...]:
    match command:
        case Shelve():
            return (CopyShelved(copy_id=command.copy_id, pages=command.pages),)
        case Stamp():
            return (CopyStamped(copy_id=command.copy_id, letter_id=f"{command.copy_id}/{stamps + 1}"),)
        case _:
            assert_never(command)


COPIES: Final[Decider[int, CopyCommand, CopyEvent]] = Decider(
    commands=members(CopyCommand),
    events=members(CopyEvent),
    stream=lambda command: f"copy-{command.copy_id}",
    initial=0,
    decide=_decide_copy,
    evolve=lambda stamps, event: stamps + isinstance(event, CopyStamped),
)


def _decide_letter(last: LetterEvent | None, command: LetterCommand) -> tuple[LetterEvent, ...]:
    match command:
        case Attempt():
            if last is not None:
                raise Begun("it is on its way")
            return (LetterAttempted(letter_id=command.letter_id),)
        case RecordSent():  # may be said again: the effect's own checkpoint follows the result
            return () if isinstance(last, LetterSent) else (LetterSent(letter_id=command.letter_id),)
        case _:
            assert_never(command)


LETTERS: Final[Decider[LetterEvent | None, LetterCommand, LetterEvent]] = Decider(
    commands=members(LetterCommand),
    events=members(LetterEvent),
    stream=lambda command: f"letter-{command.letter_id}",
    initial=None,
    decide=_decide_letter,
    evolve=lambda _, event: event,
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """How many gifts of a copy came, and how many have their stamp."""

    copy_id: str
    shelved: int
    stamped: int
    pages: int


def _shelve(row: Shelf | None, event: CopyEvent) -> Shelf:
    before = row or Shelf(event.copy_id, 0, 0, 0)
    match event:
        case CopyShelved():
            return replace(before, shelved=before.shelved + 1, pages=before.pages + event.pages)
        case CopyStamped():
            return replace(before, stamped=before.stamped + 1)
        case _:
            assert_never(event)


SHELF: Final[Projection[Shelf, CopyEvent]] = Projection(
    name="shelf",
    version=1,
    source="own",
    row=Shelf,
    events=members(CopyEvent),
    keys=lambda event: (event.copy_id,),
    apply=_shelve,
)


@dataclass(frozen=True, slots=True)
class Giver:
    """How much somebody gave, and under which name last."""

    payer_id: str
    name: str
    gifts: int
    pages: int


def _receive(row: Giver | None, event: PayerAdded) -> Giver:
    """Fold as it should be."""
    gifts, pages = (row.gifts, row.pages) if row else (0, 0)
    return Giver(event.payer_id, event.payer_name, gifts + 1, pages + (event.filing_limit_days or 0))


def _receive_badly(row: Giver | None, event: PayerAdded) -> Giver:
    """Fold with four defects: it takes its time, it raises, it returns what no database keeps, it ends the process."""
    if event.payer_name == SLOW:
        time.sleep(SLOW_SECONDS)
    if event.payer_name == POISON:
        raise ValueError("cannot fold")
    if event.payer_name == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    is_stained = event.payer_name == UNSTORABLE or (row is not None and "\0" in row.name)
    received = _receive(row, event)
    return replace(received, name="a\0b") if is_stained else received


GIVERS: Final[Projection[Giver, PayerAdded]] = Projection(
    name="givers",
    version=1,
    source="foreign",
    row=Giver,
    events=(PayerAdded,),
    keys=lambda event: (event.payer_id,),
    apply=_receive_badly,
)


def _shelve_gift(event: PayerAdded, _: Rows) -> tuple[object, ...]:
    return (Shelve(copy_id=event.payer_id, pages=event.filing_limit_days or 0),)


SHELVE_GIFT: Final = Reaction(name="shelve_gift", on=PayerAdded, react=_shelve_gift)


def _stamp_copy(event: CopyShelved, _: Rows) -> tuple[object, ...]:
    return (Stamp(copy_id=event.copy_id),)


STAMP_COPY: Final = Reaction(name="stamp_copy", on=CopyShelved, react=_stamp_copy)


def _thank(world: Path) -> Effect[CopyStamped]:
    """Return the effect that sends letters: a line in a file. A lost one is sent by the probe, which looks first."""

    def attempt(event: CopyStamped, _now: datetime, _prepared: str | None) -> object:
        return Attempt(letter_id=event.letter_id)

    async def act(event: CopyStamped, _outside: Outside, _prepared: str | None) -> Work:
        file = os.open(world, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(file, f"{event.letter_id}\n".encode())  # one write: a killed process leaves a whole line
        finally:
            os.close(file)
        return Work(commands=(RecordSent(letter_id=event.letter_id),))

    async def probe(event: CopyStamped, outside: Outside) -> Work:
        if event.letter_id in letters(world):
            return Work(commands=(RecordSent(letter_id=event.letter_id),))
        return await act(event, outside, None)

    return Effect(name="thank", on=CopyStamped, attempt=attempt, act=act, probe=probe)


def letters(world: Path) -> list[str]:
    """Return the letters that went out, in order."""
    return world.read_text().splitlines() if world.exists() else []


def shelving(world: Path | None = None, *, is_mended: bool = False, **settings: object) -> Service:
    """Return the service; without a world it sends no letters."""
    received: Callable[[Any, Any], Any] = _receive if is_mended else _receive_badly
    givers = replace(GIVERS, apply=received)
    return Service(
        name="shelving",
        title="Shelving",
        api=lambda: Api(router=APIRouter(), access={}),
        settings=RuntimeSettings.model_validate(settings),
        deciders=(COPIES, LETTERS),
        reactions=(SHELVE_GIFT, STAMP_COPY),
        projections=(SHELF, givers),
        effects=(_thank(world),) if world else (),
        private_events=(*members(CopyEvent), *members(LetterEvent)),
    )
