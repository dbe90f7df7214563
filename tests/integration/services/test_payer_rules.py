"""Rules of payers on a real store: what one process activates another judges by, also after a restart and a replay."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from apps.embedded.database_server import DatabaseServer
from services.validation.main import service
from services.validation.projections.payer_rules import PAYER_RULES
from services.validation.projections.payer_rules_in_force import ALL, PAYER_RULES_IN_FORCE
from services.validation.projections.scrubs import STANDINGS
from services.validation.settings import Settings
from shared.events.coding import CodesAssigned
from shared.runtime.comparing import compare
from shared.runtime.keys import MemoryKeyStore
from shared.runtime.progress import silent
from shared.runtime.rebuild import replay
from tests.support.databases import fresh_database
from tests.support.engines import engine_over
from tests.support.memory import TENANT, Running, serving
from tests.unit.validation.domain.payer_rule.rules import RULE_ID, raw
from tests.unit.validation.driver import TABLES
from tests.unit.validation.samples import BILLING, COVERAGE, ENCOUNTER, PATIENT, PAYER, RENDERING, assigned

PATH = f"/v1/payer-rules/{RULE_ID}"
FACTS = (PATIENT, COVERAGE, structs.replace(PAYER, filing_limit_days=36_500), RENDERING, BILLING, ENCOUNTER)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


def just_coded(coding_version: int) -> CodesAssigned:
    now = datetime.now(UTC)  # noqa: TID251 (as the routes, whose clock says from when a rule is in force)
    return structs.replace(assigned("E119", coding_version=coding_version), assigned_at=now)


async def answered(process: Running, path: str, body: dict[str, Any]) -> None:
    answer = await process.client.post(path, json=body)
    assert answer.status_code == 200, answer.text


async def outcome(process: Running) -> tuple[str, str, list[str]]:
    shown = (await process.client.get("/v1/scrubs/EN-1")).json()
    severities = [each["severity"] for each in shown["findings"] if each["rule_id"] == RULE_ID]
    return shown["status"], shown["rule_set_version"].partition("+")[2], severities


async def test_what_one_process_activates_another_judges_by_and_a_third_after_both(
    stack: AsyncExitStack, database_server: DatabaseServer
) -> None:
    url, keys, validation = await fresh_database(database_server), MemoryKeyStore(), service(Settings(), TABLES)
    async with AsyncExitStack() as first:
        one, other = [
            await first.enter_async_context(
                serving(await first.enter_async_context(engine_over(validation, url, keys=keys)))
            )
            for _ in range(2)
        ]
        await other.deliver(*FACTS, just_coded(1))
        before = await outcome(other)
        await answered(one, f"{PATH}/versions", raw(applies=None))
        await answered(one, f"{PATH}/advisories", {"version": 1})
        await other.deliver(just_coded(2))
        advised = await outcome(other)
        await answered(other, f"{PATH}/enforcements", {"version": 1})
        rules = await one.engine.row(PAYER_RULES_IN_FORCE, TENANT, ALL)

    third = await stack.enter_async_context(
        serving(await stack.enter_async_context(engine_over(validation, url, keys=keys)))
    )
    for projection in (PAYER_RULES, PAYER_RULES_IN_FORCE, STANDINGS):
        await replay(third.engine, None, projection, silent)
    differences = [
        (await compare(third.engine, None, each, silent)).differences
        for each in (PAYER_RULES, PAYER_RULES_IN_FORCE, STANDINGS)
    ]
    shown = (await third.client.get(PATH)).json()

    assert (before, advised) == (("validated", "", []), ("validated", "1", ["warning"]))
    assert await third.engine.row(PAYER_RULES_IN_FORCE, TENANT, ALL) == rules
    assert [(each["mode"], each["number"]) for each in shown["terms"]] == [("advisory", 1), ("enforcing", 2)]
    assert differences == [0, 0, 0]
    assert await outcome(third) == advised
