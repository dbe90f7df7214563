"""Everything that can be told to the simulator, one at a time and written down first: so it can be told again.

Owns: the journal, and the house that follows from it: clock and office, changed in the order of the journal. What fails
halfway is in neither: its line is cut off, and the house is built anew from what is left. Files of the mailbox are
handed out once all that they came with is done, so that nobody has read what is taken back. Refuses: HTTP (`main.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from apps.simulator import desk
from apps.simulator.attic import Attic
from apps.simulator.book import BookPages
from apps.simulator.clock import DrivenClock, NotASpan
from apps.simulator.directory import BadScenarioFile, Directory, Member, read_scenario_file
from apps.simulator.journal import Journal, Told
from apps.simulator.office import Mail, Office, Receipt
from apps.simulator.outcomes import Outcomes, outcomes
from apps.simulator.scenario import scenario_of
from apps.simulator.settings import Settings

_END: Final = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _House:
    """What follows from a journal. **Shape**: `released` is how many files of the mailbox may be fetched."""

    office: Office
    clock: DrivenClock
    down_until: datetime
    released: int = 0

    def do(self, told: Told) -> None:
        what = told.what
        match told.kind:
            case "interchange":
                desk.receive(self.office, what["key"], what["content"].encode("latin-1"), told.at)
            case "advance":
                by = timedelta(seconds=what["seconds"])
                desk.advance(self.office, told.at + by)
                self.clock.advance(by)
            case "outage":
                self.down_until = told.at + timedelta(seconds=what["seconds"])
            case "member":
                desk.advance(self.office, told.at)
                scenario = scenario_of(what["scenario"])
                self.office.directory.choose(what["payer_id"], what["member_id"], scenario)


class Front:
    """The simulator without a socket. Not for two threads at once; who only reads may come from any."""

    def __init__(self, settings: Settings, *, real: Callable[[], datetime]) -> None:
        """Take up what the journal tells.

        **Errors**: `JournalOfOtherSettings`, `JournalOfOtherVersion`, `BadScenarioFile`.
        """
        self._settings: Final = settings
        self._real: Final = real
        self._scenarios: Final = _scenario_file(settings.scenario_file) if settings.scenario_file else ""
        path = Path(settings.state_file) if settings.state_file else None
        self._directory()  # a file that is wrong leaves no journal behind
        self._journal: Final = Journal(path, _decisive(settings, self._scenarios), began_at=real())
        self._attic: Final = Attic(path and path.parent)
        self._house = self._retold()
        self._is_whole = True

    @property
    def office(self) -> Office:
        """Return the office as it stands; another one after something failed."""
        return self._house.office

    @property
    def clock(self) -> DrivenClock:
        """Return the time in there."""
        return self._house.clock

    @property
    def down_until(self) -> datetime:
        """Return until when nobody is answered."""
        return self._house.down_until

    @property
    def is_down(self) -> bool:
        """Return whether nobody is answered now."""
        return self.clock.now() < self.down_until

    @property
    def is_behind(self) -> bool:
        """Return whether something has become due as time went by."""
        return self.office.is_due(self.clock.now())

    def receive(self, key: str, content: bytes) -> Receipt:
        """Take an interchange in."""
        self._tell("interchange", {"key": key, "content": content.decode("latin-1")})
        return self.office.receipts[key]

    def advance(self, by: timedelta) -> datetime:
        """Jump ahead; what was due until then is in the mailbox. Return what time it is. **Errors**: `NotASpan`."""
        self._tell("advance", {"seconds": self._seconds(by)})
        return self.office.now

    def break_down(self, span: timedelta) -> datetime:
        """Answer nobody until so much time has passed here. Return when that is. **Errors**: `NotASpan`."""
        self._tell("outage", {"seconds": self._seconds(span)})
        return self.down_until

    def enroll(self, payer_id: str, member_id: str, scenario: str) -> Member:
        """Choose what befalls the claims of a member from now on. **Errors**: `UnknownScenario`."""
        scenario_of(scenario)
        self._tell("member", {"payer_id": payer_id, "member_id": member_id, "scenario": scenario})
        return self.office.directory.members[payer_id, member_id.upper()]

    def catch_up(self) -> None:
        """Do what has become due as time went by."""
        if self.is_behind:
            with self._changed():
                desk.advance(self.office, self.clock.now())

    def book(self) -> BookPages:
        """Return the book as of now."""
        self.catch_up()
        return self.office.book.pages()

    def outcomes(self) -> tuple[Outcomes, ...]:
        """Return what became of the claims of each scenario."""
        self.catch_up()
        return outcomes(self.office.cases)

    def mail(self, after: str, limit: int) -> Sequence[Mail]:
        """Return what may be fetched of the mailbox behind a file. **Shape**: `after` is an id, or empty for all."""
        house, first = self._house, int(after or 0)
        return house.office.mailbox[first : min(first + limit, house.released)]

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()

    def _seconds(self, span: timedelta) -> int:
        """Return a span in seconds. **Errors**: `NotASpan` where nobody writes dates any more."""
        if self.clock.now() + span >= _END:
            raise NotASpan("the year 9000 is the last: jump less far")
        return int(span.total_seconds())

    def _tell(self, kind: str, what: Mapping[str, Any]) -> None:
        with self._changed():
            told = Told(kind=kind, at=self.clock.now(), what=what)
            self._journal.append(told)
            self._house.do(told)

    @contextmanager
    def _changed(self) -> Iterator[None]:
        """Let the house be changed, all of it or nothing: what failed would fail again at every start."""
        if not self._is_whole:  # nor could it be built anew the last time
            self._house = self._retold()
        end, self._is_whole = self._journal.end, False
        try:
            yield
        except BaseException:
            self._journal.cut(end)
            self._house = self._retold()
            self._is_whole = True
            raise
        self._house.released = len(self.office.mailbox)
        self._is_whole = True

    def _retold(self) -> _House:
        """Return the house that follows from the journal."""
        began_at, settings = self._journal.began_at, self._settings
        self._attic.begin_again()  # a full disk has no room for a second one
        office = Office(self._directory(), settings.zone, settings.claims_per_check_max, attic=self._attic)
        clock = DrivenClock(real=self._real, began_at=began_at, speed=settings.speed)
        house = _House(office=office, clock=clock, down_until=began_at)
        for told in self._journal.told():
            house.do(told)
        house.released = len(office.mailbox)
        return house

    def _directory(self) -> Directory:
        """Return whom the payers insure before anybody chose for a member. **Errors**: `BadScenarioFile`."""
        seed = self._settings.seed
        return read_scenario_file(self._scenarios, seed=seed) if self._scenarios else Directory(seed=seed)


def _scenario_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise BadScenarioFile(f"the scenario file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadScenarioFile(f"the scenario file {path} is no text in UTF-8") from None


def _decisive(settings: Settings, scenario_file: str) -> Mapping[str, Any]:
    """Return the settings that decide what a journal comes back as."""
    return {
        "seed": settings.seed,
        "zone": settings.zone,
        "claims_per_check_max": settings.claims_per_check_max,
        "speed": settings.speed,
        "scenarios": sha256(scenario_file.encode()).hexdigest() if scenario_file else "",
    }
