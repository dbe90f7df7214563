"""What Prometheus is told: counters and histograms that the runtime keeps as it works, bound to their labels once.

Owns: the names, which end in their unit, and what may be a label: services, topics, partitions, routes, words of a
fixed list.
Never an id, a tenant or a person. Refuses: asking the database on the hot path (`gauges.py` does when it is scraped).
docs/metrics.md is written from here. Next: `flush.py`, `consumer.py`, `relay.py` and `counted_requests.py` count.
"""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY: Final = CollectorRegistry()

_FACTS: Final = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)
_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

UNITS: Final = Counter(
    "claimlog_units",
    "Units that were decided or taken: commands and records, by what came of them.",
    ["service", "kind", "outcome"],
    registry=REGISTRY,
)
FACTS: Final = Counter("claimlog_facts_written", "Facts that were committed.", ["service"], registry=REGISTRY)
FLUSH_UNITS: Final = Histogram(
    "claimlog_flush_units", "Units in one flush.", ["service"], buckets=_FACTS, registry=REGISTRY
)
FLUSH_FACTS: Final = Histogram(
    "claimlog_flush_facts", "Facts that one transaction wrote.", ["service"], buckets=_FACTS, registry=REGISTRY
)
FLUSH_SECONDS: Final = Histogram(
    "claimlog_flush_seconds",
    "Time of one flush, lock and commit included.",
    ["service"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
CONSUMED: Final = Counter(
    "claimlog_records_consumed", "Records of topics that are in.", ["service", "topic"], registry=REGISTRY
)
SKIPPED: Final = Counter(
    "claimlog_records_skipped", "Records of unknown type, or none of ours.", ["service"], registry=REGISTRY
)
CONSUMER_LAG: Final = Gauge(
    "claimlog_consumer_lag_seconds",
    "Age of the newest fact that was taken from a partition while there is more to take; 0 when all was taken.",
    ["service", "topic", "partition"],
    registry=REGISTRY,
)
STOPPED: Final = Gauge(
    "claimlog_partition_stopped", "1 while a partition has a gap.", ["service", "topic", "partition"], registry=REGISTRY
)
RELAYED: Final = Counter(
    "claimlog_facts_relayed", "Facts that were published to the log.", ["service"], registry=REGISTRY
)
REQUESTS: Final = Histogram(
    "claimlog_http_seconds",
    "Time of one request, by route and status of the answer.",
    ["service", "route", "status"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
CONSISTENT_READS: Final = Histogram(
    "claimlog_consistent_read_seconds",
    "Time that a read with a Consistency-Token waited for facts, by whether they were applied then.",
    ["service", "outcome"],
    buckets=_SECONDS,
    registry=REGISTRY,
)

COUNTED: Final = (
    UNITS,
    FACTS,
    FLUSH_UNITS,
    FLUSH_FACTS,
    FLUSH_SECONDS,
    CONSUMED,
    SKIPPED,
    CONSUMER_LAG,
    STOPPED,
    RELAYED,
    REQUESTS,
    CONSISTENT_READS,
)
"""All of them, in the order in which the page shows them."""

ADDED, NOTHING, TAKEN, REFUSED, AWAY, DEFECT = OUTCOMES = ("added", "nothing", "taken", "refused", "away", "defect")
"""A command added facts or had nothing to add; a record was taken; refused by a rule; the database or the lock was
away, to be tried again; a fault of ours."""
KINDS: Final = ("command", "record")


class FlushMeter:
    """What one service's flushes are counted by; one call for each flush, whatever its size."""

    def __init__(self, service: str) -> None:
        self._units = {(kind, outcome): UNITS.labels(service, kind, outcome) for kind in KINDS for outcome in OUTCOMES}
        self._facts = FACTS.labels(service)
        self._flush_units = FLUSH_UNITS.labels(service)
        self._flush_facts = FLUSH_FACTS.labels(service)
        self._flush_seconds = FLUSH_SECONDS.labels(service)

    def wrote(self, facts: int) -> None:
        """Count a transaction that was committed."""
        self._flush_facts.observe(facts)
        self._facts.inc(facts)

    def ended(self, outcomes: Iterable[tuple[str, str]], seconds: float) -> None:
        """Count a flush. **Shape**: kind and outcome of each unit."""
        counted: dict[tuple[str, str], int] = {}
        for each in outcomes:
            counted[each] = counted.get(each, 0) + 1
        for each, count in counted.items():
            self._units[each].inc(count)
        self._flush_units.observe(sum(counted.values()))
        self._flush_seconds.observe(seconds)
