"""The headers of reading what one wrote: `Consistency-Token` and `Prefer: respond-stale` in, `Consistency: stale` out.

A read that brings several tokens is answered with one that stands for all of them, so that callers who know nothing of
tokens need not merge them.

Owns: both, for every answer of a read, a refusal included: that a thing is not there is stale news, too. A request
without them passes at once. Refuses: waiting (`consistency.py`); `call.py` waits once it knows who asks.
"""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kernel.consistency_token import CONSISTENCY, BadConsistencyToken, merged, ranges_of
from shared.runtime.consistency import Consistency, NotYetConsistent, TokenOfAnotherStore
from shared.runtime.preferences import PREFER, preferences_of

TOKENS_CHARACTERS_MAX: Final = 8_000
_ASKED: Final = "consistency"
_NAMES: Final = frozenset(name.lower().encode() for name in (CONSISTENCY, PREFER))


class AskedConsistency:
    """What one request asks. **Shape**: several tokens, in one header or in several, count together: `merged`."""

    def __init__(self, headers: Headers) -> None:
        self.is_stale = False
        self.merged = ""
        self._tokens = ",".join(headers.getlist(CONSISTENCY))
        self._headers = headers

    async def wait(self, consistency: Consistency, tenant_id: str) -> None:
        """Return once the answer shows the facts of the tokens, or may be stale.

        **Errors**: `BadPreference`, `BadConsistencyToken`, `NotYetConsistent`, `TokenOfAnotherStore`,
        `StoreUnavailable`.
        """
        preferences = preferences_of(self._headers)
        tokens = [each for each in map(str.strip, self._tokens.split(",")) if each]
        if len(tokens) > 1:
            self.merged = merged(*tokens)
        if len(self._tokens) > TOKENS_CHARACTERS_MAX:
            raise BadConsistencyToken("these are too many tokens for one request; send the one of this answer instead")
        ranges = [each for token in tokens for each in ranges_of(token)]
        try:
            await consistency.wait(tenant_id, ranges)
        except (NotYetConsistent, TokenOfAnotherStore):
            if "respond-stale" not in preferences:
                raise
            self.is_stale = True


class ConsistentReads:
    """An application whose answers say so where they are stale."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or _NAMES.isdisjoint(name for name, _ in scope["headers"]):
            await self._app(scope, receive, send)
            return
        asked = scope[_ASKED] = AskedConsistency(Headers(scope=scope))

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if asked.is_stale:
                    headers["Consistency"] = "stale"
                if asked.merged:
                    headers[CONSISTENCY] = asked.merged
            await send(message)

        await self._app(scope, receive, marked)


def asked_of(scope: Scope) -> AskedConsistency | None:
    """Return what a request asks, None where it brought no token."""
    found: AskedConsistency | None = scope.get(_ASKED)
    return found
