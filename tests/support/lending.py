"""A service as small as can be, for tests of the runtime: loans of copies, in the shape of the five.

Two aggregates (a copy that is lent, a card that is unique), an own read model, a foreign one, and a reaction of each
kind.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from fastapi import APIRouter
from msgspec import Meta

from shared.events.envelope import Event
from shared.events.registration import PayerAdded
from shared.kernel.decider import Decider, Name
from shared.kernel.erased import PERSONAL, Erased, known
from shared.kernel.errors import Rejected
from shared.kernel.projection import Projection, one_stream
from shared.kernel.reaction import Needs, Reaction, Rows
from shared.kernel.unions import members
from shared.runtime.definition import Api, Service, Worklist
from shared.runtime.settings import RuntimeSettings


class CopyLent(Event, frozen=True, kw_only=True):
    """A copy was lent."""

    key: ClassVar[str] = "copy_id"
    copy_id: Annotated[str, Meta(description="Copy.", examples=["C-1"])]
    title: Annotated[str, Meta(description="Title.", examples=["Example"])]
    pages: Annotated[int, Meta(description="Pages.", examples=[100])] = 100


class CopyReturned(Event, frozen=True, kw_only=True):
    """A copy came back."""

    key: ClassVar[str] = "copy_id"
    copy_id: Annotated[str, Meta(description="Copy.", examples=["C-1"])]


class CardIssued(Event, frozen=True, kw_only=True):
    """A reader has a card."""

    key: ClassVar[str] = "patient_id"
    patient_id: Annotated[str, Meta(description="Reader.", examples=["R-1"])]
    card_name: Annotated[str | Erased, PERSONAL, Meta(description="Name on the card.", examples=["Ada"])]


CopyEvent: TypeAlias = CopyLent | CopyReturned


@dataclass(frozen=True, slots=True, kw_only=True)
class Lend:
    """Lend a copy."""

    copy_id: str
    title: str = "Example"
    pages: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Take a copy back."""

    copy_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Give a reader a card."""

    reader_id: str
    name: str


CopyCommand: TypeAlias = Lend | Return


class AlreadyLent(Rejected):
    """A copy has one borrower."""

    slug = "already-lent"


def decide_copy(lent: bool, command: CopyCommand) -> tuple[CopyEvent, ...]:  # noqa: FBT001 (a state)
    """Return what a command adds."""
    match command:
        case Lend():
            if lent:
                raise AlreadyLent("someone has it")
            return (CopyLent(copy_id=command.copy_id, title=command.title, pages=command.pages),)
        case Return():
            return (CopyReturned(copy_id=command.copy_id),) if lent else ()
        case _:
            assert_never(command)


COPIES: Final[Decider[bool, CopyCommand, CopyEvent]] = Decider(
    commands=members(CopyCommand),
    events=members(CopyEvent),
    stream=lambda command: f"copy-{command.copy_id}",
    initial=False,
    decide=decide_copy,
    evolve=lambda _, event: isinstance(event, CopyLent),
)


def _card(has: str | None, command: Issue) -> tuple[CardIssued, ...]:
    return () if has else (CardIssued(patient_id=command.reader_id, card_name=command.name),)


CARDS: Final[Decider[str | None, Issue, CardIssued]] = Decider(
    commands=(Issue,),
    events=(CardIssued,),
    stream=lambda command: f"card-{command.reader_id}",
    initial=None,
    decide=_card,
    evolve=lambda _, event: known(event.card_name, otherwise="erased"),
    names=lambda event: (Name("card", known(event.card_name, otherwise=event.patient_id).casefold()),),
)


@dataclass(frozen=True, slots=True)
class Card:
    """A reader's card, with the name on it as far as anybody may know."""

    reader_id: str
    name: str | None


def _held(_: Card | None, event: CardIssued) -> Card:
    return Card(event.patient_id, None if isinstance(event.card_name, Erased) else known(event.card_name, otherwise=""))


CARD_ROWS: Final[Projection[Card, CardIssued]] = Projection(
    name="cards",
    version=1,
    source="own",
    row=Card,
    events=(CardIssued,),
    keys=lambda event: (event.patient_id,),
    apply=_held,
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """How often a copy was lent, and whether it is away."""

    copy_id: str
    times: int
    away: bool
    pages: int = 0


def _shelve(row: Shelf | None, event: CopyEvent) -> Shelf:
    times = row.times if row else 0
    if isinstance(event, CopyReturned):
        return Shelf(event.copy_id, times, away=False)
    return Shelf(event.copy_id, times + 1, away=True, pages=event.pages)


SHELVES: Final[Projection[Shelf, CopyEvent]] = Projection(
    name="shelves",
    version=1,
    source="own",
    row=Shelf,
    events=members(CopyEvent),
    keys=lambda event: (event.copy_id,),
    apply=_shelve,
    streams=one_stream("copy"),
    filters=("away", "times", "pages"),
)


@dataclass(frozen=True, slots=True)
class Donor:
    """A payer, as lending sees it: somebody who gives copies."""

    payer_id: str
    name: str


def _donate(_: Donor | None, event: PayerAdded) -> Donor:
    if event.payer_name == "poison":
        raise ValueError("cannot fold")
    return Donor(event.payer_id, event.payer_name)


DONORS: Final[Projection[Donor, PayerAdded]] = Projection(
    name="donors",
    version=1,
    source="foreign",
    row=Donor,
    events=(PayerAdded,),
    keys=lambda event: (event.payer_id,),
    apply=_donate,
)


def _needs_donor(event: PayerAdded, _: Rows) -> Needs:
    return {DONORS: (event.payer_id,)}


def _lend_to_donor(event: PayerAdded, rows: Rows) -> tuple[object, ...]:
    donor = rows.get(DONORS, event.payer_id)
    pages = event.filing_limit_days or 100
    return (Lend(copy_id=event.payer_id, title=donor.name, pages=pages),) if donor else ()


LEND_TO_DONOR: Final = Reaction(name="lend_to_donor", on=PayerAdded, needs=_needs_donor, react=_lend_to_donor)


def _return_bad(event: CopyLent, _: Rows) -> tuple[object, ...]:
    if event.title == "crash":
        raise ZeroDivisionError
    return (Return(copy_id=event.copy_id),) if event.title == "comes back" else ()


RETURN_BAD: Final = Reaction(name="return_bad", on=CopyLent, react=_return_bad)


def lending(**settings: object) -> Service:
    """Return the service."""
    return Service(
        name="lending",
        title="Lending",
        api=lambda: Api(router=APIRouter(), access={}),
        settings=RuntimeSettings.model_validate(settings),
        deciders=(COPIES, CARDS),
        reactions=(LEND_TO_DONOR, RETURN_BAD),
        projections=(SHELVES, DONORS),
        private_events=(CopyLent, CopyReturned, CardIssued),
        worklists={"away": Worklist(projection=SHELVES, where={"away": True}, owner="clerk", about="Copies away")},
    )
