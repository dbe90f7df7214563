"""The house: what was received under which key, what lies in the mailbox, and what is due on which day.

Owns: the memory of clearinghouse and payers, and every number that is handed out. The same bytes, keys and times in the
same order give the same mail and the same book: that is what the journal relies on. Refuses: clocks and the journal
(`main.py`, `journal.py`), and decisions. Next: `desk.py` takes interchanges in, `payers.py` decides and pays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from hashlib import sha256
from heapq import heappop, heappush
from typing import Final
from zoneinfo import ZoneInfo

from apps.simulator.attic import Attic
from apps.simulator.book import Book
from apps.simulator.case import Case
from apps.simulator.directory import Directory
from apps.simulator.inbound import Address
from apps.simulator.plan import Accumulators
from apps.simulator.search import Search
from apps.simulator.treasury import Account
from shared.kernel.dates import local_day
from shared.kernel.errors import Conflict
from shared.x12.writer import Envelope

ZONE: Final = "America/New_York"
_BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)

_ORIGINAL: Final = "1"


class KeyTaken(Conflict):
    """The key was used for another interchange: a key belongs to one file's bytes."""

    slug = "simulator-key-taken"


class Task(Enum):
    """What a payer does on a later day."""

    DECIDE = "decide"
    REVISE = "revise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One file in the mailbox. **Shape**: ids sort in the order of arrival; `name` ends in its kind, such as 835.

    It stays there for ever, so that its content lies in the attic, at `place`. **Units**: `size` is bytes.
    """

    id: str
    name: str
    attic: Attic = field(repr=False, compare=False)
    place: int = field(repr=False, compare=False)
    size: int
    sha256: str
    posted_at: datetime

    @property
    def content(self) -> bytes:
        """Return the file."""
        return self.attic.get(self.place)


@dataclass(frozen=True, slots=True)
class Receipt:
    """That an interchange was received. **Shape**: `number` is the clearinghouse's."""

    number: str
    sha256: str


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """What is to be done, and when; those of one moment in the order in which they were planned."""

    at: datetime
    order: int
    task: Task = field(compare=False)
    case: Case = field(compare=False)


@dataclass(slots=True)
class Office:
    """Everything that the clearinghouse and its payers remember. Not for two threads at once."""

    directory: Directory
    zone: str = ZONE
    claims_per_check_max: int = 100
    now: datetime = _BEFORE_ALL
    attic: Attic = field(default_factory=Attic, compare=False)
    book: Book = field(init=False)
    mailbox: list[Mail] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    interchanges: set[tuple[str, str, str]] = field(default_factory=set)
    cases: list[Case] = field(default_factory=list)
    by_payer_number: dict[str, Case] = field(default_factory=dict)
    billed: set[tuple[str, str, str]] = field(default_factory=set)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    accumulators: Accumulators = field(default_factory=Accumulators)
    search: Search = field(default_factory=Search)
    _due: list[Due] = field(default_factory=list)
    _planned: int = 0

    def __post_init__(self) -> None:
        """Open the book."""
        self.book = Book(self.attic)

    @property
    def today(self) -> date:
        """Return the day where the payers are."""
        return local_day(self.now, self.zone)

    def known(self, key: str, content: bytes) -> Receipt | None:
        """Return the receipt that a key already has. **Errors**: `KeyTaken` where it was for other bytes."""
        receipt = self.receipts.get(key)
        if receipt is not None and receipt.sha256 != sha256(content).hexdigest():
            raise KeyTaken("a key names one interchange, and this one was used for another")
        return receipt

    def receipt(self, key: str, content: bytes) -> Receipt:
        """Return the receipt of a new interchange, and remember it."""
        self.receipts[key] = Receipt(f"R{len(self.receipts) + 1:09d}", sha256(content).hexdigest())
        return self.receipts[key]

    def plan(self, task: Task, case: Case, *, days: int) -> None:
        """Put something on the calendar: payers work in runs, at the beginning of a day."""
        self._planned += 1
        on = self.today + timedelta(days=days)
        begins_at = datetime.combine(on, time(), ZoneInfo(self.zone))
        heappush(self._due, Due(begins_at, self._planned, task, case))

    def is_due(self, at: datetime) -> bool:
        """Return whether something is to be done by then."""
        return bool(self._due) and self._due[0].at <= at

    def next_due(self) -> Sequence[Due]:
        """Return what is to be done next, all that is due at one moment, and move on to it; `done` takes it off."""
        self.now = max(self.now, self._due[0].at)
        return sorted(each for each in self._due if each.at == self._due[0].at)

    def done(self, due: Sequence[Due]) -> None:
        """Take off the calendar what was done."""
        for _ in due:
            heappop(self._due)

    def accept(self, case: Case, *, sender: str) -> None:
        """Give a claim the payer's number (ICN); one that its sender billed this payer before is a repeat."""
        case.payer_claim_number = f"ICN{len(self.by_payer_number) + 1:010d}"
        self.by_payer_number[case.payer_claim_number] = case
        self.cases.append(case)
        if case.claim.frequency != _ORIGINAL:
            return
        name = (sender, case.payer_id, case.number)
        case.is_repeated = name in self.billed
        self.billed.add(name)

    def envelope(self, address: Address, *, ahead: int = 0) -> Envelope:
        """Return the way back to a sender, with the next number of our own files, or that of one so far behind it."""
        number = len(self.mailbox) + 1 + ahead
        return Envelope(
            sender_qualifier=address.receiver[0],
            sender_id=address.receiver[1],
            receiver_qualifier=address.sender[0],
            receiver_id=address.sender[1],
            written_at=self.now.astimezone(ZoneInfo(self.zone)),
            interchange_control_number=number,
            group_control_number=number,
            usage="T" if address.usage == "T" else "P",
            separators=address.separators,
        )

    def post(self, kind: str, content: bytes) -> None:
        """Append a file to the mailbox."""
        number = f"{len(self.mailbox) + 1:09d}"
        self.mailbox.append(
            Mail(
                id=number,
                name=f"{number}.{kind}",
                attic=self.attic,
                place=self.attic.put(content),
                size=len(content),
                sha256=sha256(content).hexdigest(),
                posted_at=self.now,
            )
        )
