"""What a person does about a stream of which facts were lost: look at it, and let it go on.

Owns: the release of one stream, told as a fact. Refuses: bringing anything back; what is missing is entered anew by the
commands of its service. Next: `restore.py` locks, `working_set.py` refuses commands.
"""

from shared.events.envelope import Actor
from shared.kernel.errors import NotFound
from shared.runtime.clock import now
from shared.runtime.engine import Engine
from shared.runtime.losses import StreamUnlocked, Unlock


class StreamNotLocked(NotFound):
    """The stream is not locked."""

    slug = "stream-not-locked"


async def unlock(engine: Engine, tenant_id: str, stream: str, *, reason: str, by: Actor) -> None:
    """Let a locked stream go on. **Errors**: `StreamNotLocked`, `StoreUnavailable`."""
    if (tenant_id, stream) not in await engine.store.locked_streams():
        raise StreamNotLocked("no restore locked this stream; `claimlog locks list` lists those that are")
    fact = StreamUnlocked(unlocked_stream=stream, reason=reason, unlocked_at=now())
    await engine.handle(tenant_id, by, Unlock(unlocked=fact))
