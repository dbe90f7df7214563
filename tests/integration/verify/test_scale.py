"""Many facts, put there by COPY: looked at in chunks, at a rate that is said."""

import pytest

from apps.embedded.database_server import DatabaseServer
from bench.projection import claims_alone
from bench.stores import FACTS_OF_A_CLAIM, engine_over, fill
from shared.runtime.verify import verify
from tests.integration.verify.conftest import broken, by_name

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
CLAIMS = 4_000


async def test_many_facts_hold_and_the_rate_is_said(database_server: DatabaseServer) -> None:
    service = claims_alone(database_server.url("many_claims"))
    facts = await fill(database_server, service, "many_claims", claims=CLAIMS)
    told: list[tuple[str, int, int]] = []
    async with engine_over(database_server, service, "many_claims") as engine:
        verified = await verify(engine, None, progress=lambda *each: told.append(each))
    found = by_name(verified.invariants)

    assert broken(found) == {}
    assert facts == verified.position == CLAIMS * FACTS_OF_A_CLAIM
    assert found["chain"].checked == facts
    assert found["versions"].checked == CLAIMS
    assert found["one-sending"].checked == 4 * CLAIMS - CLAIMS
    assert verified.as_fields()["events_per_second"] > 1_000
    assert ("chain", facts, facts) in told
    assert {what for what, _, _ in told} == {"chain", "facts", "claims"}
