"""Read every public fact from the topics, from offset 0 to the ends seen at the start, and count them by type.

    python samples/consume.py localhost:9092 [PREFIX]

Needs aiokafka and nothing of claimlog. Prints one JSON object; a gap ends it with code 1. See docs/consuming.md.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

SERVICES = ("registration", "coding", "validation", "claims", "payments")


class Gap(Exception):
    """A record does not follow the one before it: something is missing, and what follows must not be counted."""


class Tally:
    """What was read so far. **Shape**: `highest` is a position by partition and store, `latest` a version by stream."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.highest: dict[tuple[str, int, str], int] = {}
        self.latest: dict[tuple[str, int, str, str, str], int] = {}
        self.repeats = 0

    def take(self, topic: str, partition: int, headers: Mapping[str, bytes]) -> None:
        """Count a fact, once. **Errors**: `Gap`."""
        text = {name: value.decode() for name, value in headers.items()}
        place = (topic, partition, text["ce_store"])
        if text["ce_id"] in self.seen or int(text["ce_position"]) <= self.highest.get(place, 0):
            self.repeats += 1
            return
        if int(text["ce_previousposition"]) != self.highest.get(place, 0):
            raise Gap(f"{topic}/{partition}: after position {self.highest.get(place, 0)} came {text['ce_position']}")
        stream = (*place, text["ce_tenant"], text["ce_subject"])
        if int(text["ce_sequence"]) <= self.latest.get(stream, 0):
            raise Gap(f"{topic}/{partition}: a stream goes back at position {text['ce_position']}")
        self.seen.add(text["ce_id"])
        self.highest[place] = int(text["ce_position"])
        self.latest[stream] = int(text["ce_sequence"])
        self.counts[text["ce_type"]] += 1


async def partitions_of(bootstrap: str, topics: list[str]) -> list[TopicPartition]:
    """Return the partitions of the topics that exist; asking a consumer for a missing topic could make it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics(topics)
    finally:
        await admin.close()
    return [TopicPartition(each["topic"], part["partition"]) for each in described for part in each["partitions"]]


async def consume(bootstrap: str, prefix: str) -> Tally:
    """Return what the topics hold now."""
    tally = Tally()
    partitions = await partitions_of(bootstrap, [f"{prefix}.{service}" for service in SERVICES])
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="none")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(partitions) if partitions else {}
        left = {partition: end for partition, end in ends.items() if end}
        consumer.assign(list(left))
        for partition in left:
            consumer.seek(partition, 0)
        while left:
            for partition, records in (await consumer.getmany(*left, timeout_ms=1_000)).items():
                for record in records:
                    if record.offset < ends[partition]:
                        tally.take(record.topic, record.partition, dict(record.headers))
                    if record.offset + 1 >= ends[partition]:
                        left.pop(partition, None)
    finally:
        await consumer.stop()
    return tally


def main(bootstrap: str, prefix: str = "claimlog") -> None:
    """Print what the topics hold. **Errors**: `Gap`, as a line and code 1."""
    try:
        tally = asyncio.run(consume(bootstrap, prefix))
    except Gap as gap:
        sys.exit(f"gap: {gap}")
    counts = dict(sorted(tally.counts.items()))
    print(json.dumps({"events": sum(counts.values()), "repeats": tally.repeats, "counts": counts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
