"""What every transport to a clearinghouse promises, and the ways in which one fails.

Owns: the port. Sending has two shapes, and the port holds both. A clearinghouse that takes a key (HTTP) is told once,
and asked by that key. One that only has folders is given the file beforehand, under a name that nobody reads
(`prepare`); sending is a rename then, and what became of it shows in whether the first name is still there. Refuses:
rules; `services/claims/effects.py` turns outcomes into commands. Next: `folders.py`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol, TypeAlias

from shared.kernel.errors import Rejected, Unavailable
from shared.runtime.mailbox import Listing

Content: TypeAlias = Callable[[], Awaitable[bytes]]
"""The bytes of a file, for who needs them."""


class NotSent(Unavailable):
    """The connection did not come about: nothing happened, and all of it may be tried again."""

    slug = "clearinghouse-unreachable"


class OutcomeUnknown(Unavailable):
    """The connection broke after something was sent, or the answer makes no sense: ask before anything else."""

    slug = "clearinghouse-outcome-unknown"


class SendRefused(Rejected):
    """The clearinghouse read the request and does not take the file: the same bytes will be refused again."""

    slug = "clearinghouse-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A file on its way. **Shape**: `temporary_name` is the one under which it was prepared, where anything was."""

    key: str
    temporary_name: str | None = None


class Standing(Enum):
    """Where a parcel is that has no receipt."""

    ABSENT = auto()
    """Nothing arrived under its key, or not yet."""
    READY = auto()
    """It lies where it was prepared: send it now, and prepare nothing."""
    UNKNOWABLE = auto()
    """Nobody here can tell: a person asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leavings:
    """What lies there since long. **Shape**: ids of the mailbox, and uploads that look like ours."""

    remote_ids: tuple[str, ...] = ()
    uploads: tuple[Parcel, ...] = ()


class Mailbox(Protocol):
    """Where files lie for us; fetching removes nothing."""

    async def list(self, after: str | None) -> Listing:
        """Return what lies behind a cursor, in order of arrival. **Errors**: `NotSent`."""

    async def fetch(self, remote_id: str) -> bytes:
        """Return the bytes of a file; it stays there. **Errors**: `NotSent`, `FileRefused`."""


class Clearinghouse(Mailbox, Protocol):
    """Who carries files to payers and back."""

    @property
    def channel(self) -> str:
        """Return how it carries: http, sftp or folder."""

    @property
    def prepares(self) -> bool:
        """Return whether a file is laid there before it is sent."""

    async def prepare(self, parcel: Parcel, content: Content) -> str | None:
        """Return the temporary name under which a file lies ready, None where nothing is to be prepared.

        **Shape**: the parcel has the name of an earlier try that failed. **Errors**: `NotSent`.
        """

    async def send(self, parcel: Parcel, content: Content) -> str:
        """Return the receipt of a file. **Errors**: `NotSent`, `OutcomeUnknown`, `SendRefused`."""

    async def probe(self, parcel: Parcel) -> str | Standing:
        """Return the receipt of a parcel, or where it is. **Errors**: `OutcomeUnknown`."""

    async def leavings(self, before: datetime) -> Leavings:
        """Return what lies there unchanged since before an instant, and can be removed. **Errors**: `NotSent`."""

    async def remove(self, leavings: Leavings) -> None:
        """Remove what nobody needs any more; what is gone already is no error. **Errors**: `NotSent`."""

    async def close(self) -> None:
        """Let go of what is open: this process asks nothing more."""
