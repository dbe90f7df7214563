"""The log as a port: topics of records in partitions, kept for ever.

Two adapters, `log_kafka.py` and `log_postgres.py`, pass one suite.

Owns: the values that pass the border, topic names, the partition of a key. Refuses: knowing events (`wire.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol, TypeVar
from zlib import crc32

from msgspec import Struct

from shared.kernel.errors import Malformed, Unavailable
from shared.runtime.store import Place

Form = TypeVar("Form")

RECORD_BYTES_MAX: Final = 1024 * 1024
"""Size of one record with its headers; a fact has a lower limit (`event_bytes_max`), so none of ours is refused."""


class LogUnavailable(Unavailable):
    """The log does not answer; services go on, what they add waits in their stores."""

    slug = "log-unavailable"


class TopicDiffers(Malformed):
    """A topic exists with other partitions or retention than this release needs."""

    slug = "topic-differs"


class OffsetGone(Malformed):
    """The stored offset of a partition is not in the log any more: records were lost. Nothing is skipped."""

    slug = "offset-gone"


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """What is published."""

    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class Fetched(Struct, frozen=True, kw_only=True, gc=False):
    """What was read."""

    place: Place
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class Reader(Protocol):
    """Reads partitions that somebody assigned to it, each from where it was told."""

    async def assign(self, offsets: Mapping[Place, int]) -> None:
        """Read these partitions from these offsets, and no others."""

    async def fetch(self, *, records_max: int, seconds: float) -> Mapping[Place, Sequence[Fetched]]:
        """Return the next records of each partition, in order; empty when there was nothing for a while.

        **Errors**: `LogUnavailable`, `OffsetGone`.
        """

    async def fetch_as(
        self, form: Callable[[Fetched], Form], *, records_max: int, seconds: float
    ) -> Mapping[Place, Sequence[Form]]:
        """Return what `fetch` does, each record as a function makes it, while the processor still has it at hand.

        **Errors**: as `fetch`.
        """


class Publisher(Protocol):
    """Publishes, one unacknowledged batch per partition."""

    async def publish(self, batches: Mapping[Place, Iterable[Record]]) -> None:
        """Return once all batches are acknowledged; records are taken once, one after the other.

        **Errors**: `LogUnavailable`: some may have been; start again.
        """


class Log(Protocol):
    """A log."""

    async def ensure_topics(self, topics: Sequence[str], *, partitions: int, replicas: int) -> None:
        """Make the topics that are missing. **Errors**: `TopicDiffers`, `LogUnavailable`."""

    async def differences(self, topics: Sequence[str], *, partitions: int) -> Mapping[str, str]:
        """Return what is wrong with topics, by topic: missing, other partitions, would lose records.

        **Errors**: `LogUnavailable`.
        """

    async def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has, 0 where it does not exist yet."""

    async def last(self, place: Place) -> Fetched | None:
        """Return the newest record of a partition."""

    async def record(self, place: Place, offset: int) -> Fetched | None:
        """Return one record."""

    def reader(self) -> AbstractAsyncContextManager[Reader]:
        """Return a reader."""

    def publisher(self) -> AbstractAsyncContextManager[Publisher]:
        """Return a publisher."""


def wrong_partitions(found: int, wanted: int) -> str | None:
    """Return what is wrong with a topic of so many partitions."""
    if found == 0:
        return "missing"
    return None if found == wanted else f"partitions: {found}, not {wanted}"


def topic_of(prefix: str, service: str, *, public: bool) -> str:
    """Return the topic of a service's facts."""
    return f"{prefix}.{service}" if public else f"{prefix}.{service}.internal"


def partition_of(key: str, partitions: int) -> int:
    """Return the partition of a record key: computed by us, so that every client agrees."""
    return crc32(key.encode()) % partitions
