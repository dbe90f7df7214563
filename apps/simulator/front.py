"""Everything that can be told to the simulator, one at a time and written down first: so it can be told again.

Owns: the journal, the clock and the office as one thing, and the order in which they change. Refuses: HTTP (`main.py`).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from apps.simulator import desk
from apps.simulator.clock import DrivenClock, NotASpan
from apps.simulator.directory import BadScenarioFile, Directory, Member, read_scenario_file
from apps.simulator.journal import Journal, Told
from apps.simulator.office import Office, Receipt
from apps.simulator.scenario import scenario_of
from apps.simulator.settings import Settings

_END: Final = datetime(9000, 1, 1, tzinfo=UTC)


class Front:
    """The simulator without a socket. Not for two threads at once."""

    def __init__(self, settings: Settings, *, real: Callable[[], datetime]) -> None:
        """Take up what the journal tells.

        **Errors**: `JournalOfOtherSettings`, `JournalOfOtherVersion`, `BadScenarioFile`.
        """
        text = _scenario_file(settings.scenario_file) if settings.scenario_file else ""
        directory = read_scenario_file(text, seed=settings.seed) if text else Directory(seed=settings.seed)
        self.office = Office(directory, settings.zone, settings.claims_per_check_max)
        self._journal: Journal | None = None
        began_at = real()
        if settings.state_file:
            self._journal = Journal(Path(settings.state_file), _decisive(settings, text), began_at=began_at)
            began_at = self._journal.began_at
        self.down_until = began_at
        self.clock = DrivenClock(real=real, began_at=began_at, speed=settings.speed)
        for told in self._journal.told() if self._journal else ():
            self._do(told)

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

    @property
    def is_down(self) -> bool:
        """Return whether nobody is answered now."""
        return self.clock.now() < self.down_until

    def enroll(self, payer_id: str, member_id: str, scenario: str) -> Member:
        """Choose what befalls the claims of a member from now on. **Errors**: `UnknownScenario`."""
        scenario_of(scenario)
        self._tell("member", {"payer_id": payer_id, "member_id": member_id, "scenario": scenario})
        return self.office.directory.members[payer_id, member_id.upper()]

    def catch_up(self) -> None:
        """Do what has become due as time went by."""
        at = self.clock.now()
        if self.office.is_due(at):
            desk.advance(self.office, at)

    def close(self) -> None:
        """Let go of the journal."""
        if self._journal is not None:
            self._journal.close()

    def _seconds(self, span: timedelta) -> int:
        """Return a span in seconds. **Errors**: `NotASpan` where nobody writes dates any more."""
        if self.clock.now() + span >= _END:
            raise NotASpan("the year 9000 is the last: jump less far")
        return int(span.total_seconds())

    def _tell(self, kind: str, what: Mapping[str, Any]) -> None:
        told = Told(kind=kind, at=self.clock.now(), what=what)
        if self._journal is None:
            self._do(told)
            return
        before = self._journal.append(told)
        try:
            self._do(told)
        except BaseException:
            self._journal.cut(before)  # else every start would fail at it again
            raise

    def _do(self, told: Told) -> None:
        what = told.what
        match told.kind:
            case "interchange":
                desk.receive(self.office, what["key"], what["content"].encode("latin-1"), told.at)
            case "advance":
                desk.advance(self.office, told.at + timedelta(seconds=what["seconds"]))
                self.clock.advance(timedelta(seconds=what["seconds"]))
            case "outage":
                self.down_until = told.at + timedelta(seconds=what["seconds"])
            case "member":
                desk.advance(self.office, told.at)
                member = Member(member_id=what["member_id"], scenario=scenario_of(what["scenario"]))
                self.office.directory.enroll(what["payer_id"], member)


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
