"""The log in Apache Kafka; the only module that knows aiokafka. **Shape**: `Log` of `log.py`.

Partitions are assigned by us and read from our own offsets: the group protocol is not used (docs/adr/0004). One batch
per partition is out at a time; a refused one ends the round, and the caller throws the publisher away. The brokers are
reached in the clear, or over TLS with a certificate that says which service this is: `address_of`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.helpers import create_ssl_context

from shared.kernel.errors import Malformed
from shared.runtime.failpoints import point
from shared.runtime.log import (
    RECORD_BYTES_MAX,
    Fetched,
    Form,
    LogUnavailable,
    OffsetGone,
    Record,
    TopicDiffers,
    wrong_partitions,
)
from shared.runtime.store import Place

_BATCH_BYTES_MAX: Final = 512 * 1024
_AT_ONCE: Final = 50
_SECONDS_MAX: Final = 30
_EXISTS: Final = 36
_CERTIFICATES: Final = {"ca": "cafile", "certificate": "certfile", "key": "keyfile"}
KEPT_FOR_EVER: Final = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
"""How every topic is made."""


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise LogUnavailable("Kafka does not answer; is it running at this address?") from error


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """Wait for Kafka in the block, and not for ever. **Errors**: `LogUnavailable`."""
    with _unavailable():
        async with asyncio.timeout(_SECONDS_MAX):
            yield


class BadLogAddress(Malformed):
    """The address of the log over TLS names other files than ca, certificate and key, or one that cannot be used."""

    slug = "bad-log-address"


def address_of(url: str) -> Mapping[str, Any]:
    """Return how clients reach the brokers that an address names.

    **Shape**: `kafka://host:port`, or `kafka+tls://host:port?ca=FILE&certificate=FILE&key=FILE`; several brokers with a
    comma between. **Errors**: `BadLogAddress`.
    """
    scheme, _, rest = url.partition("://")
    brokers = rest.partition("?")[0]
    if scheme == "kafka":
        return {"bootstrap_servers": brokers}
    files = dict(parse_qsl(urlsplit(url).query))
    if not set(files) <= set(_CERTIFICATES) or ("certificate" in files) != ("key" in files):
        raise BadLogAddress("the log over TLS is kafka+tls://host:port?ca=FILE&certificate=FILE&key=FILE")
    try:
        context = create_ssl_context(**{_CERTIFICATES[name]: path for name, path in files.items()})
    except OSError as error:
        raise BadLogAddress("a certificate or key of the log's address cannot be read") from error
    return {"bootstrap_servers": brokers, "security_protocol": "SSL", "ssl_context": context}


class KafkaLog:
    """A log on a cluster."""

    def __init__(self, address: Mapping[str, Any], admin: AIOKafkaAdminClient) -> None:
        self._address = address
        self._admin = admin
        self._looking: Any = None
        self._look = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["KafkaLog"]:
        """Connect to an address, and close at the end. **Errors**: `BadLogAddress`, `LogUnavailable`."""
        address = address_of(url)
        admin = AIOKafkaAdminClient(**address, request_timeout_ms=10_000)
        log = cls(address, admin)
        try:
            async with _answering():
                await admin.start()
            yield log
        finally:
            if log._looking is not None:
                await log._looking.stop()
            await admin.close()

    async def ensure_topics(self, topics: Sequence[str], *, partitions: int, replicas: int) -> None:
        """Make the topics that are missing. **Errors**: `TopicDiffers`, `LogUnavailable`."""
        await self._make([topic for topic in topics if not await self.partitions(topic)], partitions, replicas)
        for topic in topics:
            await self._wait_until_known(topic)
            if await self.partitions(topic) != partitions:
                raise TopicDiffers("a topic has another number of partitions; they are fixed when it is made")
        await self._check_config(topics)

    async def _make(self, topics: Sequence[str], partitions: int, replicas: int) -> None:
        """Make topics. Nobody asks for those that exist: on a cluster that keeps them itself no service may."""
        if not topics:
            return
        config = {**KEPT_FOR_EVER, "min.insync.replicas": str(min(2, replicas))}
        async with _answering():
            answer = await self._admin.create_topics(
                [NewTopic(topic, partitions, replicas, topic_configs=config) for topic in topics]
            )
        for topic, code, *_ in answer.topic_errors:
            if code not in {0, _EXISTS}:
                raise LogUnavailable(f"Kafka refused to make topic {topic} (error {code})")

    async def _wait_until_known(self, topic: str) -> None:
        deadline = asyncio.get_running_loop().time() + _SECONDS_MAX
        while not await self.partitions(topic):
            if asyncio.get_running_loop().time() > deadline:
                raise LogUnavailable("a topic that was made does not show up")
            await asyncio.sleep(0.05)

    async def differences(self, topics: Sequence[str], *, partitions: int) -> Mapping[str, str]:
        """Return what is wrong with topics: missing, other partitions, would lose records."""
        counts = {topic: await self.partitions(topic) for topic in topics}
        found = {topic: wrong_partitions(count, partitions) for topic, count in counts.items()}
        lossy = await self._lossy([topic for topic, count in counts.items() if count])
        return {topic: wrong for topic, wrong in found.items() if wrong} | dict.fromkeys(lossy, "would lose records")

    async def _check_config(self, topics: Sequence[str]) -> None:
        if await self._lossy(topics):
            raise TopicDiffers("a topic would lose records: it needs cleanup.policy=delete, retention.ms=-1")

    async def _lossy(self, topics: Sequence[str]) -> list[str]:
        """Return the topics that would lose records one day."""
        if not topics:
            return []
        lossy = []
        with _unavailable():
            answers = await self._admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, t) for t in topics])
        for answer in answers:
            for _, _, _, topic, entries in answer.resources:
                found = {entry[0]: entry[1] for entry in entries}
                if any(found.get(name) != value for name, value in KEPT_FOR_EVER.items()):
                    lossy.append(topic)
        return lossy

    async def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has, 0 where it does not exist yet."""
        async with _answering():
            if topic not in await self._admin.list_topics():  # asking for one by name may make it, with other settings
                return 0
            (described,) = await self._admin.describe_topics([topic])
        return 0 if described["error_code"] else len(described["partitions"])

    async def last(self, place: Place) -> Fetched | None:
        """Return the newest record of a partition."""
        return await self._at(place, None)

    async def record(self, place: Place, offset: int) -> Fetched | None:
        """Return one record."""
        return await self._at(place, offset)

    async def _at(self, place: Place, offset: int | None) -> Fetched | None:
        async with self._look, _answering():
            consumer = await self._looker()
            partition = TopicPartition(*place)
            begins = await consumer.beginning_offsets([partition])
            ends = await consumer.end_offsets([partition])
            if offset is None and 0 < begins[partition] == ends[partition]:
                raise LogUnavailable(f"{place[0]}/{place[1]} had records, and its broker dropped all of them")
            wanted = ends[partition] - 1 if offset is None else offset
            if not begins[partition] <= wanted < ends[partition]:
                return None
            consumer.assign([partition])
            consumer.seek(partition, wanted)  # at once: aiokafka fails a partition that it finds without a place
            return _fetched(await consumer.getone(partition))

    async def _looker(self) -> Any:  # noqa: ANN401 (aiokafka publishes no types)
        if self._looking is None:
            self._looking = await self._begun()
        return self._looking

    async def _begun(self) -> Any:  # noqa: ANN401 (aiokafka publishes no types)
        consumer = AIOKafkaConsumer(
            **self._address,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=4 * RECORD_BYTES_MAX,
            fetch_max_wait_ms=100,
        )
        try:
            async with _answering():
                await consumer.start()
                await asyncio.sleep(0)  # a task of its own that has not begun when it is stopped fails the stop
        except BaseException:
            await consumer.stop()
            raise
        return consumer

    @asynccontextmanager
    async def reader(self) -> AsyncIterator["_Reader"]:
        """Return a reader."""
        consumer = await self._begun()
        try:
            yield _Reader(consumer)
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator["_Publisher"]:
        """Return a publisher."""
        producer = AIOKafkaProducer(
            **self._address,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=_BATCH_BYTES_MAX,
            max_request_size=RECORD_BYTES_MAX,
            request_timeout_ms=10_000,
        )
        try:
            async with _answering():
                await producer.start()
            yield _Publisher(producer)
        finally:
            await producer.stop()


class _Reader:
    def __init__(self, consumer: Any) -> None:  # noqa: ANN401 (aiokafka publishes no types)
        self._consumer = consumer

    async def assign(self, offsets: Mapping[Place, int]) -> None:
        """Read these partitions from these offsets, and no others. **Errors**: `OffsetGone`."""
        partitions = [TopicPartition(*place) for place in offsets]
        async with _answering():
            begins = await self._consumer.beginning_offsets(partitions)
            ends = await self._consumer.end_offsets(partitions)
        for place, offset in offsets.items():
            partition = TopicPartition(*place)
            if not begins[partition] <= offset <= ends[partition]:
                raise OffsetGone("the log does not hold the stored offset: it is another log, or it lost records")
        self._consumer.assign(partitions)
        for place, offset in offsets.items():  # without a pause: a partition found without a place fails its fetch
            self._consumer.seek(TopicPartition(*place), offset)

    async def fetch(self, *, records_max: int, seconds: float) -> Mapping[Place, Sequence[Fetched]]:
        """Return the next records of each partition, in order."""
        return await self.fetch_as(lambda record: record, records_max=records_max, seconds=seconds)

    async def fetch_as(
        self, form: Callable[[Fetched], Form], *, records_max: int, seconds: float
    ) -> Mapping[Place, Sequence[Form]]:
        """Return the next records of each partition, in order, each as a function makes it.

        They are taken few at a time: a record is a hundred small objects, and a thousand of them fit no cache.
        """
        found: dict[Place, list[Form]] = {}
        left = records_max
        while left and (some := await self._next(min(left, _AT_ONCE), 0 if found else seconds)):
            for partition, records in some.items():
                found.setdefault((partition.topic, partition.partition), []).extend(form(_fetched(r)) for r in records)
                left -= len(records)
        return found

    async def _next(self, records_max: int, seconds: float) -> Any:  # noqa: ANN401 (aiokafka publishes no types)
        try:
            with _unavailable():
                return await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=records_max)
        except LogUnavailable as error:
            if isinstance(error.__cause__, OffsetOutOfRangeError):
                raise OffsetGone("the log does not hold the stored offset any more") from error
            raise


class _Publisher:
    def __init__(self, producer: Any) -> None:  # noqa: ANN401 (aiokafka publishes no types)
        self._producer = producer

    async def publish(self, batches: Mapping[Place, Iterable[Record]]) -> None:
        """Return once all batches are acknowledged; one of each partition is out at a time."""
        results = await asyncio.gather(
            *(self._publish(place, records) for place, records in batches.items()), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _publish(self, place: Place, records: Iterable[Record]) -> None:
        topic, partition = place
        waiting = iter(records)
        record = next(waiting, None)
        with _unavailable():
            while record:
                batch = self._producer.create_batch()
                while record:
                    headers = list(record.headers)
                    if batch.append(key=record.key, value=record.value, headers=headers, timestamp=None) is None:
                        break
                    record = next(waiting, None)
                if batch.record_count() == 0:
                    raise LogUnavailable("a record is larger than the log takes")
                batch.close()
                async with asyncio.timeout(_SECONDS_MAX):  # a topic that does not exist is waited for without end
                    sent = await self._producer.send_batch(batch, topic, partition=partition)
                    point("log.sent")
                    await sent
                if record:
                    point("log.between")


def _fetched(record: Any) -> Fetched:  # noqa: ANN401 (aiokafka publishes no types)
    return Fetched(
        place=(record.topic, record.partition),
        offset=record.offset,
        key=record.key or b"",
        value=record.value or b"",
        headers=record.headers,
    )
