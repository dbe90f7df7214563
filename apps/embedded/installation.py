"""What runs, as whoever drives it sees it: where each service answers, who signs for it, copies of its files.

Owns: clients that may do everything. Refuses: starting anything (`process.py` is all in one; `tools/processes` starts a
program for each part). Next: `demo.py` drives it.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from apps.embedded.exchange import Exchange
from apps.embedded.settings import TENANT
from shared.events.envelope import Actor
from shared.runtime.clock import now
from shared.runtime.scopes import ALL_SCOPES
from shared.runtime.tokens import DevelopmentIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """All parts of a practice's claimlog. **Shape**: `urls` of the services and of the simulator, by name."""

    urls: Mapping[str, str]
    issuer: DevelopmentIssuer
    data: Path
    exchange: Exchange

    @asynccontextmanager
    async def clients(self, actor: Actor, **more: Any) -> AsyncIterator[Mapping[str, httpx.AsyncClient]]:  # noqa: ANN401
        """Return clients of everything that answers, by name. **Shape**: `more` goes to httpx."""
        token = self.issuer.token(
            tenant_id=TENANT, actor=actor, scopes=ALL_SCOPES, now=now(), lifetime=timedelta(hours=4)
        )
        options = {"headers": {"Authorization": f"Bearer {token}"}, "timeout": 30, **more}
        async with AsyncExitStack() as stack:
            yield {
                name: await stack.enter_async_context(httpx.AsyncClient(base_url=url, **options))
                for name, url in self.urls.items()
            }
