"""What a restore could not bring back: positions whose facts are on no topic, and streams that a person must look at.

Owns: the private facts about losses, and how the chain goes on after one. Refuses: reading and writing (`restore.py`);
`flush.py` refuses commands on a locked stream.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, TypeAlias

from msgspec import Meta, json

from shared.events.envelope import Envelope, Event, link
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.unions import members

_UNLINKED: Final = bytes(32)


class PositionLost(Event, frozen=True, kw_only=True):
    """A fact was written here and published nowhere, and its store is gone.

    **Moment**: restore. **Key**: `marker`. **Versions**: 1.
    """

    key: ClassVar[str] = "marker"
    marker: Annotated[str, Meta(description="Chosen so that a partition takes it in order.", examples=["lost-41-0"])]
    position: Annotated[int, Meta(description="Where the fact stood.", examples=[41])]
    next_link: Annotated[
        str,
        Meta(
            description="Link of the published fact behind it to nothing, hexadecimal: that fact's chain hash covers"
            " what was lost, so this ties it instead. Empty before another lost fact, and at the end.",
            examples=[""],
        ),
    ]
    lost_at: Annotated[Instant, Meta(description="When the restore found out.")]


class StreamUnlocked(Event, frozen=True, kw_only=True):
    """A person looked at a stream of which facts were lost, and lets it go on.

    **Moment**: release. **Key**: `unlocked_stream`. **Versions**: 1.
    """

    key: ClassVar[str] = "unlocked_stream"
    unlocked_stream: Annotated[str, Meta(description="The stream.", examples=["claim-0190f3c2"])]
    reason: Annotated[str, Meta(description="Why, a slug.", examples=["nothing-missing"])]
    unlocked_at: Instant


LossEvent: TypeAlias = PositionLost | StreamUnlocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """Let a locked stream go on."""

    unlocked: StreamUnlocked


UNLOCKINGS: Final[Decider[None, Unlock, LossEvent]] = Decider(
    commands=(Unlock,),
    events=members(LossEvent),
    stream=lambda command: f"unlocked-{command.unlocked.unlocked_stream}",
    initial=None,
    decide=lambda _, command: (command.unlocked,),
    evolve=lambda _, __: None,
)


def next_link(envelope: Envelope) -> str:
    """Return what a lost position keeps of the published fact behind it."""
    return link(_UNLINKED, envelope).hex()


def follows(before: Envelope | None, envelope: Envelope) -> bool:
    """Return whether a fact is the one that was chained to the fact before it, none before the first.

    **Shape**: a published fact behind a lost one has the chain hash that it was published with.
    """
    if link(before.chain_hash if before else _UNLINKED, envelope) == envelope.chain_hash:
        return True
    if before is None or before.type != PositionLost.__name__:
        return False
    return json.decode(before.data, type=PositionLost).next_link == next_link(envelope)
