"""How many requests a caller may send: a bucket of tokens for each, in this process.

Owns: the buckets, the refusal, and the headers that tell a caller what is left. A caller is who the token names, so
that one who asks too much takes nothing from the others; several processes have a bucket each. Refuses: limiting who is
not known: that is for what stands before the service. How many commands may wait to be written is `flush.py`'s.
**Source**: RFC 6585 for 429; IETF draft-ietf-httpapi-ratelimit-headers-09.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import Final

from starlette.types import Scope

from shared.kernel.errors import Unavailable
from shared.runtime.told_headers import tell

_CALLERS_MAX: Final = 10_000


class TooManyRequests(Unavailable):
    """The caller asks more than a caller may; others go on. **Shape**: `retry_after` in seconds."""

    slug = "too-many-requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__("send fewer requests at a time; Retry-After says when the next one is taken")
        self.retry_after = retry_after


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RequestRate:
    """The buckets of one service in this process. **Units**: requests per second; `burst` is what a bucket holds."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._policy = f'"caller";q={burst};w={ceil(burst / per_second)}'

    def take(self, caller: tuple[str, str], scope: Scope) -> None:
        """Take a token for a request, which tells its caller how many are left. **Errors**: `TooManyRequests`."""
        now = self._clock()
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._bucket(caller, now)
        tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_second)
        taken = tokens >= 1
        bucket.tokens, bucket.at = tokens - taken, now
        left = f'"caller";r={int(bucket.tokens)};t={ceil((self._burst - bucket.tokens) / self._per_second)}'
        tell(scope, {"RateLimit-Policy": self._policy, "RateLimit": left})
        if not taken:
            raise TooManyRequests(max(1, ceil((1 - tokens) / self._per_second)))

    def _bucket(self, caller: tuple[str, str], now: float) -> _Bucket:
        """Return a full bucket; where there are many, forget those that are full again, which is what a new one is."""
        if len(self._buckets) >= _CALLERS_MAX:
            refill = self._burst / self._per_second
            self._buckets = {each: kept for each, kept in self._buckets.items() if now - kept.at < refill}
        return self._buckets.setdefault(caller, _Bucket(self._burst, now))
