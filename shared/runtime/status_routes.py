"""The routes that every service has for its operators: where it stands, and what it was told.

Owns: these two answers. Both are about the whole service, not about one tenant, and name nobody. Refuses: asking the
store (`status.py`), reading the environment (`settings.py`). Next: `common_routes.py` has what anybody may know.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

from fastapi import APIRouter
from pydantic import Field

from shared.runtime.access import Access
from shared.runtime.call import Call
from shared.runtime.common_answers import Count, ServiceName, Shown

STATUS_ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/status": Access(scope="operations.read", reads="store and log, a few seconds ago at most"),
    "GET /v1/settings": Access(scope="operations.read", reads="the environment of the process"),
}
LOG_SECONDS_MAX: Final = 3
"""Who asks over HTTP does not wait longer for a log that is away."""
ROUTER: Final = APIRouter()
Behind: TypeAlias = Annotated[int, Field(description="How many are still to come.", examples=[12])]
Seconds: TypeAlias = Annotated[float, Field(description="Age of the oldest of them, in seconds.", examples=[0.4])]
Since: TypeAlias = Annotated[
    datetime | None, Field(description="Since when; null: nothing is there.", examples=["2026-03-03T14:30:00Z"])
]


class Rates(Shown):
    """Facts per second."""

    last_minute: float = Field(description="On average over the last minute.", examples=[12.5])
    last_hour: float = Field(description="On average over the last hour.", examples=[3.1])
    by_minute: tuple[float, ...] = Field(
        description="On average over each of the last 15 minutes, the oldest first.", examples=[[0.0, 3.2, 12.5]]
    )


class Lag(Shown):
    """How far something is that follows the service's own facts."""

    position: int = Field(description="Up to which position of the store.", examples=[17])
    behind: Behind
    seconds: Seconds


class LaggingPartition(Shown):
    """A part of a topic that is not read to its end, or has not begun."""

    topic: str = Field(description="Whose facts.", examples=["claimlog.coding"])
    partition: int = Field(description="Which part of the topic.", examples=[0])
    read_to: int = Field(description="The record that is read next.", examples=[41])
    behind: Behind
    seconds: Seconds
    attempts: int = Field(description="How often the next record was tried in vain.", examples=[0])


class Readers(Shown):
    """Who reads the topics of others."""

    by_somebody: int = Field(description="Partitions that a worker reads.", examples=[8])
    of: int = Field(description="Partitions that there are.", examples=[8])


class Reading(Shown):
    """How far the topics of others are read. **Shape**: while the log is away all but `log` is null."""

    log: str = Field(description="`answers`, or the slug of what is wrong with it.", examples=["answers"])
    partitions: tuple[LaggingPartition, ...] | None = Field(description="Those that are not read to their end.")
    behind: int | None = Field(description="How many records are still to come.", examples=[12])
    seconds: float | None = Field(description="Age of the oldest of them, in seconds.", examples=[0.4])
    read: Readers | None = Field(description="Who reads.")


class EffectsStanding(Shown):
    """What is meant for the outside."""

    held: bool = Field(description="After a restore nothing acts, until a person lets it.", examples=[False])
    not_attempted: int = Field(description="Intents that nobody has attempted yet.", examples=[0])
    without_result: int = Field(description="Intents that were attempted, with unknown outcome.", examples=[0])


class ParkedStanding(Shown):
    """What could not be handled, of all tenants."""

    count: Count
    since: Since
    by_cause: Mapping[str, int] = Field(description="How many, by cause.", examples=[{"behind": 2, "defect": 1}])
    locked_streams: int = Field(description="Streams that a restore left torn, and that wait.", examples=[0])


class ReadModelStanding(Shown):
    """Where a read model stands. **Shape**: one over facts of others follows topics, and has no position here."""

    name: str = Field(description="Its name.", examples=["claims"])
    version: int = Field(description="Version of how it is folded.", examples=[1])
    source: Literal["own", "foreign"] = Field(description="Whose facts it is folded from.", examples=["own"])
    position: int | None = Field(description="Up to which position it is folded.", examples=[17])
    behind: int | None = Field(description="How many facts are still to come.", examples=[0])
    broken: str | None = Field(description="Why it stopped; null: it did not.", examples=["ValueError"])
    generation: int | None = Field(description="How often it was filled; null: not yet.", examples=[1])
    rebuilt: int | None = Field(description="Facts that a rebuild has folded; null: none runs.", examples=[40_000])


class WaitingRows(Shown):
    """Rows of a worklist that wait for a kind of fact."""

    worklist: str = Field(description="The worklist.", examples=["waiting-encounters"])
    missing: str = Field(description="What they wait for.", examples=["coverage"])
    count: Count
    since: datetime = Field(description="Since when the first of them waits.", examples=["2026-03-03T14:30:00Z"])


class LastVerified(Shown):
    """What the last `claimlog verify` came to. **Shape**: all holds where nothing is broken and nothing unchecked."""

    ended_at: datetime = Field(description="When it ended.", examples=["2026-03-03T14:31:00Z"])
    looked_at: Literal["everything", "facts", "part"] = Field(
        description="All invariants, those of the facts alone, or some.", examples=["everything"]
    )
    position: int = Field(description="As of which position of the store.", examples=[17])
    seconds: float = Field(description="How long it took.", examples=[4.2])
    broken: tuple[str, ...] = Field(description="Invariants that do not hold.", examples=[["chain"]])
    unchecked: tuple[str, ...] = Field(description="Invariants that could not be looked at.", examples=[["topics"]])


class Standing(Shown):
    """Where a service stands."""

    service: ServiceName
    asked_at: datetime = Field(description="When that was so.", examples=["2026-03-03T14:30:00Z"])
    position: int = Field(description="How many facts its store has.", examples=[17])
    incarnation: int = Field(description="How often the store was restored, from 1.", examples=[1])
    facts_per_second: Rates = Field(description="How fast facts were added.")
    jobs: Mapping[str, bool] = Field(
        description="Whether some worker does each job.",
        examples=[{"relay": True, "own-facts": True, "effects": True, "operations": True}],
    )
    relay: Lag = Field(description="Publishing.")
    own_facts: Lag = Field(description="Reactions on own facts.")
    topics: Reading = Field(description="Reading what others publish.")
    effects: EffectsStanding = Field(description="What is meant for the outside.")
    parked: ParkedStanding = Field(description="What could not be handled.")
    read_models: tuple[ReadModelStanding, ...] = Field(description="All of them.")
    waiting: tuple[WaitingRows, ...] = Field(description="What waits for facts that are missing, most first.")
    verified: LastVerified | None = Field(description="The last proof; null: nobody asked for one.")


class ShownSetting(Shown):
    """One setting. **Shape**: passwords within addresses are masked."""

    variable: str = Field(description="The variable that gives it.", examples=["CLAIMLOG_CLAIMS_HOLD_DAYS"])
    value: str = Field(description="What it is.", examples=["7"])
    source: Literal["environment", "file", "default"] = Field(description="Who gave it.", examples=["default"])
    about: str = Field(description="What it does.", examples=["After how many days a hold is looked at again."])


class ShownSettings(Shown):
    """What a service was told."""

    service: ServiceName
    settings: tuple[ShownSetting, ...] = Field(description="All of them, those that have their default too.")


@ROUTER.get("/v1/status")
async def status(call: Call) -> Standing:
    """Return how far facts got, who works, what is stuck, what waits for what and since when."""
    found = await call.request.app.state.standing.of(call.engine)
    return Standing(service=call.engine.service.name, **found)


@ROUTER.get("/v1/settings")
async def settings(call: Call) -> ShownSettings:
    """Return every setting with its value and where that came from."""
    service = call.engine.service
    told = type(service.settings).told(f"CLAIMLOG_{service.name.upper()}_")
    return ShownSettings(
        service=service.name, settings=tuple(ShownSetting.model_validate(each) for each in told.settings)
    )
