"""`claimlog verify` on what the demo left: all five services hold everything that is looked at."""

import asyncio

import asyncpg

from apps.embedded.database_server import DatabaseServer
from tests.e2e.conftest import Demo
from tests.support.programs import claimlog


def test_demo_leaves_five_services_that_hold_everything(demo: Demo) -> None:
    verified = claimlog("verify", "--json", data=demo.data)
    kept = claimlog("status", "--service", "payments", "--json", data=demo.data)

    assert verified.code == 0, verified.err
    assert verified.outcome["errors"] == {}
    services = verified.outcome["services"]
    found = {
        (name, each["name"]): each["counter_example"] or each["note"]
        for name, service in services.items()
        for each in service["invariants"]
        if each["holds"] is not True
    }
    assert set(services) == {"registration", "coding", "validation", "claims", "payments"}
    assert found == {}
    assert all(service["events_per_second"] > 0 for service in services.values())
    looked_at = {each["name"]: each["checked"] for each in services["payments"]["invariants"]}
    for name in ("chain", "versions", "names", "topics", "offsets", "clearing-accounts", "every-cent"):
        assert looked_at[name] > 0, name
    last = kept.outcome["services"]["payments"]["verified"]
    assert (last["looked_at"], last["position"]) == ("everything", services["payments"]["position"])
    assert last["broken"] == last["unchecked"] == []


def test_row_that_somebody_changed_ends_with_1_and_names_its_place(demo: Demo) -> None:
    change(demo, "update rm_trial_balance_v1 set doc = jsonb_set(doc::jsonb, '{altered}', 'true')")
    try:
        verified = claimlog("verify", "--service", "payments", data=demo.data)
        facts = claimlog("verify", "--service", "payments", "--quick", data=demo.data)
    finally:
        change(demo, "update rm_trial_balance_v1 set doc = doc::jsonb - 'altered'")

    assert verified.code == 1
    assert "1 rows differ, the first is demo/ledger" in " ".join(verified.out.split())
    assert facts.code == 0, facts.err


def change(demo: Demo, statement: str) -> None:
    """Run a statement on the database of payments."""

    async def run(url: str) -> None:
        connection = await asyncpg.connect(url)
        assert await connection.execute(statement) == "UPDATE 1"
        await connection.close()

    with DatabaseServer.running(demo.data / "postgres") as server:
        asyncio.run(run(server.url("claimlog_payments")))


def test_log_that_is_away_ends_with_3_and_the_rest_is_looked_at(demo: Demo) -> None:
    verified = claimlog("verify", "--service", "validation", "--json", data=demo.data, KAFKA_BOOTSTRAP="127.0.0.1:1")
    invariants = {each["name"]: each for each in verified.outcome["services"]["validation"]["invariants"]}

    assert verified.code == 3, verified.err
    assert (invariants["topics"]["holds"], invariants["offsets"]["holds"]) == (None, None)
    assert "log-unavailable" in invariants["topics"]["note"]
    assert "log-unavailable" in invariants["read-model encounters"]["note"]
    assert (invariants["chain"]["holds"], invariants["names"]["holds"], invariants["files"]["holds"]) == (True,) * 3
