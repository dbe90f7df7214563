"""The money of the real payments service over a real store: it holds, and what was planted is found by name."""

from collections.abc import AsyncIterator, Mapping

import asyncpg
import pytest

from apps.embedded.database_server import DatabaseServer
from services.payments.main import service
from services.payments.settings import Settings
from shared.runtime.engine import Engine
from shared.runtime.verify import verify
from tests.integration.verify.conftest import Found, broken, by_name
from tests.support.databases import fresh_database
from tests.support.engines import engine_over
from tests.support.memory import serving
from tests.unit.payments.example import (
    assembled,
    bytes_835,
    check,
    denied_claim,
    interest,
    paid_claim,
    priced,
    submitted,
)

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
MONEY = ("ledger-balanced", "clearing-accounts", "checks-posted", "decisions-posted", "every-cent")


@pytest.fixture
async def payments(database_server: DatabaseServer) -> AsyncIterator[Engine]:
    """Yield payments with a check of two claims posted."""
    url = await fresh_database(database_server)
    async with engine_over(service(Settings(database_url=url, topic_prefix="test")), url) as engine:
        async with serving(engine) as running:
            await running.deliver(assembled(), priced(), submitted())
            await running.deliver(assembled("C2"), priced("C2", 8000), submitted("C2", "PCN2", 8000))
            content = bytes_835(check(paid_claim(), denied_claim(), plb=[interest()]))
            answer = await running.client.post("/v1/remittances", content=content)
            assert answer.status_code == 201
            await running.settle()
        yield engine


async def found(engine: Engine) -> Found:
    """Return the findings without a log: what needs one is not known."""
    return by_name((await verify(engine, None)).invariants)


async def alter(engine: Engine, statement: str) -> None:
    connection = await asyncpg.connect(engine.service.settings.database_url)
    assert await connection.execute(statement) != "UPDATE 0"
    await connection.close()


async def test_posted_check_holds_all_that_one_service_can_know(payments: Engine) -> None:
    verified = by_name((await verify(payments, None)).invariants)
    unknown = {name for name, each in verified.items() if each.holds is None}

    assert broken(verified) == {}
    assert {verified[name].holds for name in MONEY} == {True}
    assert min(verified[name].checked for name in MONEY) > 0
    assert unknown == {"offsets", "topics", "read-model submissions", "read-model billed_claims"}
    assert verified["read-model trial_balance"].holds


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("charge", {"ledger-balanced", "every-cent"}),
        ("payment", {"ledger-balanced", "clearing-accounts", "decisions-posted", "every-cent"}),
        ("receipt", {"ledger-balanced", "checks-posted", "every-cent"}),
    ],
)
async def test_altered_posting_is_found_by_what_it_breaks(payments: Engine, kind: str, names: set[str]) -> None:
    await alter(payments, ONE_CENT_MORE[kind])
    verified = await found(payments)

    rows = {"read-model claim_accounts", "read-model trial_balance", "read-model hours"}

    assert set(broken(verified)) - rows == {"chain", *names}
    assert all("positions" in (verified[name].counter_example or "") for name in names)


ONE_CENT_MORE: Mapping[str, str] = {
    kind: "update events set data = convert_to(regexp_replace(convert_from(data, 'utf8'),"  # noqa: S608 (ours)
    f" '\"debit_cents\":([1-9][0-9]*)', '\"debit_cents\":1\\1'), 'utf8') where position = (select min(position)"
    f" from events where type = 'LedgerPosted' and convert_from(data, 'utf8') like '%\"kind\":\"{kind}\"%')"
    for kind in ("charge", "payment", "receipt")
}


async def test_changed_row_of_the_ledger_is_found(payments: Engine) -> None:
    await alter(payments, "update rm_trial_balance_v1 set doc = jsonb_set(doc::jsonb, '{batch_count}', '99')")

    assert broken(await found(payments)) == {"read-model trial_balance": "1 rows differ, the first is demo/ledger"}
