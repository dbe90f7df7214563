"""Sessions of people, in memory: a cookie leads to one, everything else stays here.

Owns: ids that cannot be guessed, of which only a hash is kept; how long a session lasts; what a person has written
last, and is told next. A session ends with the process, and the person signs in again. Refuses: anything for the
browser to keep but the id.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Final, NamedTuple

from apps.console.sign_in import Person
from shared.clients.consistency import Session as Written

COOKIE: Final = "__Host-claimlog"
"""The browser takes a cookie of this name only from a safe origin, for the whole of it, and for no other host."""
_SESSIONS_MAX: Final = 10_000
_TOLD_MAX: Final = 5


class Place(NamedTuple):
    """Where somebody works from, to go back to."""

    path: str
    title: str


ALL_WORK: Final = Place("/work", "work lists")


@dataclass(slots=True, kw_only=True)
class Session:
    """One person at work. **Shape**: `form_token` is in every form; `told` is said on the next page, once."""

    person: Person
    form_token: str
    seen_at: datetime
    written: Written = field(default_factory=Written)
    told: list[str] = field(default_factory=list)
    came_from: Place = ALL_WORK

    def tell(self, text: str) -> None:
        """Say something on the next page."""
        self.told = [*self.told, text][-_TOLD_MAX:]

    def heard(self) -> list[str]:
        """Return what is to be said, once."""
        told, self.told = self.told, []
        return told

    def has_form_token(self, given: str) -> bool:
        """Return whether a form came from a page of this session."""
        return compare_digest(given.encode(), self.form_token.encode())


class Sessions:
    """All sessions, the one that was used longest ago first."""

    def __init__(self, idle: timedelta) -> None:
        self._idle = idle
        self._by_hash: dict[str, Session] = {}

    def begin(self, person: Person, now: datetime) -> str:
        """Return the id of a new session."""
        session_id = token_urlsafe(32)
        self._by_hash[_hash(session_id)] = Session(person=person, form_token=token_urlsafe(32), seen_at=now)
        while len(self._by_hash) > _SESSIONS_MAX:
            del self._by_hash[next(iter(self._by_hash))]
        return session_id

    def of(self, session_id: str, now: datetime) -> Session | None:
        """Return a session that goes on, None where there is none (any more)."""
        key = _hash(session_id)
        session = self._by_hash.pop(key, None)
        if session is None or now - session.seen_at > self._idle or now >= session.person.until:
            return None
        session.seen_at = now
        self._by_hash[key] = session  # last in the row again
        return session

    def end(self, session_id: str) -> None:
        """End a session."""
        self._by_hash.pop(_hash(session_id), None)


def _hash(session_id: str) -> str:
    return sha256(session_id.encode()).hexdigest()
