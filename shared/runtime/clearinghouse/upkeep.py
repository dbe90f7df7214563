"""What an operator does at the clearinghouse by hand: clear up once, and read again what could not be had.

Owns: when that is refused. Refuses: what is needed, and what a file means, which the service says (`partner.py`).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from shared.kernel.errors import Rejected
from shared.runtime.acting import OfTenant, Runner
from shared.runtime.clearinghouse.partner import Partner
from shared.runtime.clearinghouse.port import NotSent
from shared.runtime.engine import Engine
from shared.runtime.mailbox import FileRefused

_NAME: Final = "mailbox"


class NoClearinghouse(Rejected):
    """The service speaks to no clearinghouse."""

    slug = "no-clearinghouse"


class NotCleared(Rejected):
    """Nobody can say now what of a mailbox is needed. **Shape**: the message says why."""

    slug = "mailbox-not-cleared"


async def cleaned(engine: Engine, *, older_than: timedelta, dry_run: bool) -> Mapping[str, Any]:
    """Remove what nobody needs any more, and say what; of a dry run what would be.

    **Errors**: `NoClearinghouse`, `NotCleared`, `NotSent`.
    """
    partner, tenant_id = _partner(engine), engine.service.settings.tenant_id
    if not tenant_id:
        raise NotCleared("what may be removed is known of one tenant: name it in TENANT_ID")
    if (await engine.store.head()).effects_held:
        raise NotCleared(
            "after a restore what lies there may be the only copy: look, then say `claimlog effects resume`"
        )
    found = await partner.clear(OfTenant(engine, tenant_id), older_than=older_than, dry_run=dry_run)
    return {
        "channel": partner.clearinghouse.channel,
        "dry_run": dry_run,
        "files": list(found.remote_ids),
        "uploads": [each.temporary_name for each in found.uploads],
    }


async def read_again(engine: Engine, *, dry_run: bool) -> Mapping[str, Any]:
    """Read what could not be had before, and say what can be now, and what still cannot.

    **Shape**: the engine runs; a dry run fetches and keeps nothing. **Errors**: `NoClearinghouse`.
    """
    partner, runner, read, left = _partner(engine), Runner(engine), list[str](), list[str]()
    for tenant_id in await engine.tenants():
        outside = OfTenant(engine, tenant_id)
        for file in await partner.withheld(outside):
            try:
                content = await partner.clearinghouse.fetch(file.remote_id)
            except (FileRefused, NotSent):
                left.append(file.remote_id)
                continue
            if not dry_run:
                async for works in partner.reading(file, content, outside):
                    await runner.hand_over(tenant_id, _NAME, works)
            read.append(file.remote_id)
    return {"channel": partner.clearinghouse.channel, "dry_run": dry_run, "read": read, "left": left}


def _partner(engine: Engine) -> Partner:
    if engine.service.partner is None:
        raise NoClearinghouse("it speaks to no clearinghouse: CLEARINGHOUSE_URL is empty")
    return engine.service.partner
