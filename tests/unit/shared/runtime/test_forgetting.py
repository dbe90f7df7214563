"""What a key was answered with is kept for its time, and forgotten after it, however much there is."""

from datetime import timedelta

from shared.runtime.clock import now
from shared.runtime.forgetting import ANSWERS_KEPT, forgotten
from shared.runtime.unit import Idempotency
from tests.support.lending import Lend, lending
from tests.support.memory import CLERK, TENANT, running

DAY = timedelta(days=1)


async def test_only_what_is_old_is_forgotten_and_all_of_it() -> None:
    days = iter([now() - ANSWERS_KEPT - DAY] * 7 + [now() - ANSWERS_KEPT + DAY] * 3)
    moment = next(days)
    async with running(lending(), clock=lambda: moment) as svc:
        for n in range(10):
            key = Idempotency(route="POST /loans", key=f"k-{n}", body_hmac="h")
            await svc.engine.handle(TENANT, CLERK, Lend(copy_id=f"C-{n}"), idempotency=key)
            moment = next(days, moment)

        assert [await forgotten(svc.engine, rows_max=2) for _ in range(2)] == [7, 0]
