"""What services say of themselves, put together for a person who keeps them going.

Owns: one row per service, what needs a look and what mends it, parked records by the cause that stopped their key, what
a read model is doing, settings that services share. Pure. Refuses: asking (`services.py` and its neighbours do).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.console.rendering import words

Json = Mapping[str, Any]
SILENT: Final = "silent"
_LATE_SECONDS: Final = 60
"""An age from which a lag is worth a look; the alerts of docs/runbooks are of the same kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A service as it was found. **Shape**: `status` is None where it did not tell; `readiness` where it is silent."""

    name: str
    readiness: Json | None
    status: Json | None

    @property
    def state(self) -> str:
        """Return the word for it: ready, stopped, not-ready, ending or silent."""
        return SILENT if self.readiness is None else str(self.readiness["status"])

    @property
    def waiting(self) -> int:
        """Return how many rows wait for facts."""
        return sum(each["count"] for each in self.status["waiting"]) if self.status else 0

    @property
    def effects(self) -> str:
        """Return whether what touches the world acts: held, unknown, waiting or acting."""
        if self.status is None:
            return ""
        said = self.status["effects"]
        if said["held"]:
            return "held"
        return "unknown" if said["without_result"] else "waiting" if said["not_attempted"] else "acting"

    @property
    def proof(self) -> str:
        """Return what the last proof came to: proved, broken, proved-in-part, never-proved."""
        last = self.status["verified"] if self.status else None
        if last is None:
            return "never-proved" if self.status else ""
        if last["broken"]:
            return "broken"
        return "proved-in-part" if last["unchecked"] or last["looked_at"] != "everything" else "proved"

    @property
    def idle_jobs(self) -> tuple[str, ...]:
        """Return the jobs that nobody does."""
        return tuple(job for job, is_done in self.status["jobs"].items() if not is_done) if self.status else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that needs a look. **Shape**: `mend` says what to do, `runbook` where docs/runbooks say more."""

    service: str
    what: str
    mend: str
    runbook: str = ""


def remarks(seen: Iterable[Seen]) -> list[Remark]:
    """Return what needs a look, service by service."""
    return [
        Remark(service=each.name, what=what, mend=mend, runbook=runbook)
        for each in seen
        for what, mend, runbook in (*_of_process(each), *(_of_status(each.status) if each.status else ()))
    ]


def _of_process(seen: Seen) -> Iterable[tuple[str, str, str]]:
    if seen.readiness is None:
        yield "does not answer", "Look whether its processes run; the others go on.", "program-down"
        return
    if seen.state == "not-ready":
        yield (
            f"not ready: {seen.readiness.get('cause', '')}",
            "Look at its database: it cannot be asked.",
            "program-down",
        )
    if stopped := seen.readiness.get("stopped"):
        yield (
            f"stopped: {_said(stopped)}",
            "Read the cause in its log, mend it, and start the service again.",
            "defects",
        )
    if seen.idle_jobs:
        jobs = ", ".join(map(words, seen.idle_jobs))
        yield f"nobody does: {jobs}", "Start a worker of it; facts wait meanwhile, none is lost.", "program-down"


def _of_status(status: Json) -> Iterable[tuple[str, str, str]]:
    yield from _late(status)
    yield from _stuck(status)
    yield from _wrong(status)


def _late(status: Json) -> Iterable[tuple[str, str, str]]:
    topics = status["topics"]
    if topics["log"] != "answers":
        yield (
            f"the log is away: {words(topics['log'])}",
            "Look at the log; commands are taken meanwhile.",
            "relay-behind",
        )
    lags = (("publishing", status["relay"], "relay-behind"), ("reading", topics, "consumer-behind"))
    for name, lag, runbook in (*lags, ("own reactions", status["own_facts"], "consumer-behind")):
        if lag["seconds"] and lag["seconds"] >= _LATE_SECONDS:
            yield f"{name}: {lag['seconds']:,.0f} s late", "Look what holds the worker up.", runbook


def _stuck(status: Json) -> Iterable[tuple[str, str, str]]:
    if status["effects"]["held"]:
        yield (
            "effects are held after a restore",
            "Ask the other side what it has seen, then: claimlog effects resume.",
            "effects-held",
        )
    if count := status["effects"]["without_result"]:
        yield f"{count:,} sent with unknown outcome", "They are asked about; see unknown batches.", "effects-unknown"
    if count := status["parked"]["count"]:
        yield (
            f"{_counted(count, 'record')} parked",
            "See parked records: mend the cause, then release.",
            "records-parked",
        )
    if count := status["parked"]["locked_streams"]:
        yield f"{_counted(count, 'stream')} locked after a restore", "See claimlog locks list.", "streams-locked"


def _wrong(status: Json) -> Iterable[tuple[str, str, str]]:
    if (last := status["verified"]) and last["broken"]:
        broken = ", ".join(map(words, last["broken"]))
        yield f"not proved: {broken}", "Run claimlog verify again: it shows the first counter-example.", "defects"
    for model in status["read_models"]:
        if model["broken"]:
            what = f"read model {words(model['name'])} stopped: {model['broken']}"
            yield what, "Mend the code, then rebuild it.", "read-model-broken"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _said(stopped: object) -> str:
    return (
        ", ".join(f"{words(job)}: {why}" for job, why in stopped.items()) if isinstance(stopped, dict) else str(stopped)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedKey:
    """What is parked of one key. **Shape**: the first record is what stopped it, the others wait behind it."""

    first: Json
    behind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedCause:
    """The keys that one cause stopped in one service, in the order of their first records."""

    service: str
    cause: str
    keys: tuple[ParkedKey, ...]

    @property
    def records(self) -> int:
        """Return how many records wait in all."""
        return sum(1 + key.behind for key in self.keys)

    @property
    def since(self) -> str | None:
        """Return since when the first of them waits."""
        return min((each.first["parked_at"] for each in self.keys if each.first["parked_at"]), default=None)


def by_cause(service: str, records: Iterable[Json]) -> list[ParkedCause]:
    """Return parked records by what stopped their key, most keys first. **Shape**: oldest of a partition first."""
    of_key: dict[str, list[Json]] = defaultdict(list)
    for record in records:
        of_key[record["key"]].append(record)
    of_cause: dict[str, list[ParkedKey]] = defaultdict(list)
    for of_one in of_key.values():
        of_cause[of_one[0]["cause"]].append(ParkedKey(first=of_one[0], behind=len(of_one) - 1))
    found = [ParkedCause(service=service, cause=cause, keys=tuple(keys)) for cause, keys in of_cause.items()]
    return sorted(found, key=lambda each: (-len(each.keys), each.cause))


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A read model of a service. **Shape**: `rebuild` is the newest operation that fills or filled it anew."""

    service: str
    standing: Json
    rebuild: Json | None

    @property
    def state(self) -> str:
        """Return the word for it."""
        if self.is_rebuilt:
            return "rebuilding"
        if self.standing["broken"]:
            return "broken"
        return "behind" if self.standing["behind"] else "whole"

    @property
    def is_rebuilt(self) -> bool:
        """Return whether it is being filled anew."""
        return self.rebuild is not None and self.rebuild["state"] == "running"


def models(service: str, status: Json, operations: Iterable[Json]) -> list[Model]:
    """Return a service's read models with their newest rebuild. **Shape**: operations are the newest first."""
    newest: dict[str, Json] = {}
    for operation in operations:
        if operation["kind"] == "rebuild":
            newest.setdefault(operation["subject"], operation)
    return [Model(service=service, standing=each, rebuild=newest.get(each["name"])) for each in status["read_models"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSetting:
    """A setting as one or several services have it. **Shape**: `services` is empty where all of them do."""

    name: str
    value: str
    source: str
    about: str
    services: tuple[str, ...]


def shared(told: Mapping[str, Sequence[Json]]) -> list[SharedSetting]:
    """Return the settings of all services, each value once, by name."""
    services_of: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for service, settings in told.items():
        prefix = f"CLAIMLOG_{service.upper()}_"
        for each in settings:
            name = each["variable"].removeprefix(prefix).lower()
            services_of[name, each["value"], each["source"], each["about"]].append(service)
    return [
        SharedSetting(
            name=name,
            value=value,
            source=source,
            about=about,
            services=() if len(services) == len(told) else tuple(services),
        )
        for (name, value, source, about), services in sorted(services_of.items())
    ]
