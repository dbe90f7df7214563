"""The front door: keys, mailbox, book, health, and the refusal to start in production."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from apps.simulator import desk
from apps.simulator.directory import BadScenarioFile
from apps.simulator.main import NotForProduction, simulator
from apps.simulator.office import Office, Receipt
from apps.simulator.settings import PREFIX, Settings
from shared.runtime.settings import BadSettings
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set

CONTENT = interchange(transaction_set(member("PAID1")))


def _client(settings: Settings) -> httpx.AsyncClient:
    return _client_of(simulator(settings))


def _client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://simulator")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with _client(Settings(page_size_max=2, interchange_bytes_max=4_000)) as client:
        yield client


async def _send(client: httpx.AsyncClient, content: bytes = CONTENT, key: str = "key-1") -> httpx.Response:
    return await client.post("/interchanges", content=content, headers={"Idempotency-Key": key})


async def test_receives_once_however_often_it_is_sent(client: httpx.AsyncClient) -> None:
    first, second = await _send(client), await _send(client)
    totals = (await client.get("/book")).json()["totals"]

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() == {"receipt": "R000000001"}
    assert totals["claims"] == 1


async def test_tells_whether_an_interchange_arrived(client: httpx.AsyncClient) -> None:
    before = await client.get("/interchanges/key-1")
    await _send(client)
    after = await client.get("/interchanges/key-1")

    assert (before.status_code, after.status_code) == (404, 200)
    assert after.json() == {"receipt": "R000000001"}


async def test_refuses_a_key_that_stands_for_other_bytes(client: httpx.AsyncClient) -> None:
    await _send(client)
    answer = await _send(client, CONTENT + b"\n")

    assert (answer.status_code, answer.json()["type"]) == (409, "simulator-key-taken")


async def test_wants_a_key(client: httpx.AsyncClient) -> None:
    assert (await client.post("/interchanges", content=CONTENT)).status_code == 422


async def test_refuses_more_bytes_than_it_takes(client: httpx.AsyncClient) -> None:
    answer = await _send(client, CONTENT * 10)

    assert (answer.status_code, answer.json()["type"]) == (413, "simulator-interchange-too-large")
    assert (await client.get("/interchanges/key-1")).status_code == 404


async def test_lists_mail_from_a_cursor_and_removes_nothing(client: httpx.AsyncClient) -> None:
    await _send(client)
    first = (await client.get("/mailbox")).json()
    second = (await client.get("/mailbox", params={"after": first["next"]})).json()
    last = (await client.get("/mailbox", params={"after": second["next"]})).json()

    assert [each["name"] for each in first["files"]] == ["000000001.999", "000000002.277ca"]
    assert [each["name"] for each in second["files"]] == ["000000003.277ca", "000000004.835"]
    assert last == {"files": [], "next": second["next"]}
    assert (await client.get("/mailbox")).json() == first


async def test_hands_out_the_bytes_that_it_listed(client: httpx.AsyncClient) -> None:
    await _send(client)
    entry = (await client.get("/mailbox")).json()["files"][0]
    answer = await client.get(f"/mailbox/{entry['id']}")

    assert len(answer.content) == entry["size"]
    assert answer.content.startswith(b"ISA*")
    assert (await client.get("/mailbox/000000999")).status_code == 404
    assert (await client.get("/mailbox/../book")).status_code in {200, 404}


async def test_shows_the_book(client: httpx.AsyncClient) -> None:
    await _send(client)
    book = (await client.get("/book")).json()

    assert book["claims"][0] == {
        "patient_control_number": "C1",
        "payer_id": "EXHP1",
        "payer_claim_number": "ICN0000000001",
        "trace_number": "SIM000000001",
        "status": "paid",
        "charged_cents": 100_00,
        "paid_cents": 80_00,
        "contractual_cents": 20_00,
        "patient_cents": 0,
        "prior_cents": 0,
        "denied_cents": 0,
        "reasons": ["CO-45"],
        "lines": [
            {
                "line_control_number": "L1",
                "procedure": "99213",
                "charged_cents": 100_00,
                "paid_cents": 80_00,
                "contractual_cents": 20_00,
                "patient_cents": 0,
                "prior_cents": 0,
                "denied_cents": 0,
            }
        ],
    }
    assert book["checks"][0]["paid_cents"] == book["totals"]["paid_cents"] == 80_00


async def test_sends_what_is_due_when_time_is_driven_ahead(client: httpx.AsyncClient) -> None:
    await _send(client, interchange(transaction_set(member("LATE1"))))
    before = (await client.get("/clock")).json()["now"]
    after = (await client.post("/clock/advance", json={"by": "14d"})).json()["now"]

    assert (datetime.fromisoformat(after) - datetime.fromisoformat(before)).days == 14
    assert (await client.get("/book")).json()["totals"]["paid_cents"] == 80_00


async def test_answers_nobody_during_an_outage_and_everybody_after_it(client: httpx.AsyncClient) -> None:
    await client.post("/outage", json={"span": "2d"})
    during = [await _send(client), await client.get("/mailbox"), await client.get("/interchanges/key-1")]
    asked = await client.get("/book")
    await client.post("/clock/advance", json={"by": "2d"})

    assert [each.status_code for each in during] == [503, 503, 503]
    assert asked.status_code == 200
    assert (await _send(client)).status_code == 201


@pytest.mark.parametrize("by", ["14", "d", "-1d", "1y", ""])
async def test_says_how_a_span_is_written(client: httpx.AsyncClient, by: str) -> None:
    answer = await client.post("/clock/advance", json={"by": by})

    assert (answer.status_code, answer.json()["type"]) == (422, "simulator-not-a-span")


async def test_lets_a_trainer_choose_for_a_member(client: httpx.AsyncClient) -> None:
    member_of = {"payer_id": "EXHP1", "member_id": "M1"}
    chosen = await client.post("/members", json={**member_of, "scenario": "DENY27"})
    wrong = await client.post("/members", json={**member_of, "scenario": "BAID"})
    await _send(client, interchange(transaction_set(member("M1"))))

    assert chosen.json() == {"scenario": "DENY27"}
    assert (wrong.status_code, wrong.json()["type"]) == (422, "simulator-unknown-scenario")
    assert (await client.get("/book")).json()["claims"][0]["reasons"] == ["CO-27"]


async def test_says_that_it_is_a_simulator(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok", "simulator": True, "environment": "development"}


def test_refuses_production() -> None:
    with pytest.raises(NotForProduction):
        simulator(Settings(environment="production"))


async def test_comes_back_after_a_kill_with_the_same_book(tmp_path: Path) -> None:
    settings = Settings(state_file=str(tmp_path / "journal"))
    killed = simulator(settings)
    async with _client_of(killed) as client:
        await _send(client)
        before = (await client.get("/book")).json()
    again = simulator(settings)
    async with _client_of(again) as client:
        repeat = await _send(client)
        after = (await client.get("/book")).json()
    for each in (killed, again):
        async with each.router.lifespan_context(each):  # at its end the journal is let go
            pass

    assert repeat.status_code == 200
    assert after == before


def test_reads_settings_by_prefix_and_refuses_unknown_ones() -> None:
    assert Settings.read(PREFIX, {"CLAIMLOG_SIMULATOR_SEED": "9", "OTHER": "x"}).seed == 9
    with pytest.raises(BadSettings, match="CLAIMLOG_SIMULATOR_SEDE"):
        Settings.read(PREFIX, {"CLAIMLOG_SIMULATOR_SEDE": "9"})


async def test_has_no_file_of_a_number_without_end(client: httpx.AsyncClient) -> None:
    assert (await client.get("/mailbox/" + "9" * 5_000)).status_code == 404
    assert (await client.get("/mailbox/\u0661")).status_code == 404


@pytest.mark.parametrize(
    ("path", "asked", "place"),
    [
        ("/members", {"payer_id": "EXHP1", "member_id": {"W123456": 1}, "scenario": "PAID"}, "body.member_id"),
        ("/members", {"payer_id": "EXHP1", "member_id": "W123456"}, "body.scenario"),
        ("/clock/advance", {"by": ["W123456"]}, "body.by"),
    ],
)
async def test_names_what_is_wrong_and_no_value(
    client: httpx.AsyncClient, path: str, asked: dict[str, object], place: str
) -> None:
    answer = await client.post(path, json=asked)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["detail"] == f"mend {place}"
    assert "W123456" not in answer.text


async def test_a_request_that_is_called_off_keeps_the_door_closed_until_its_work_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, goes_on, order = asyncio.Event(), threading.Event(), list[str]()
    loop, receive = asyncio.get_running_loop(), desk.receive

    def slow(office: Office, key: str, content: bytes, at: datetime) -> Receipt:
        order.append(f"begins {key}")
        loop.call_soon_threadsafe(begun.set)
        assert goes_on.wait(timeout=30)
        order.append(f"ends {key}")
        return receive(office, key, content, at)

    monkeypatch.setattr(desk, "receive", slow)
    async with _client(Settings()) as client:
        first = asyncio.create_task(_send(client))
        await begun.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        second = asyncio.create_task(_send(client, interchange(transaction_set(member("PAID2")), number=2), "key-2"))
        called_off = asyncio.create_task(_send(client, CONTENT, "key-3"))
        for _ in range(20):
            await asyncio.sleep(0)
        called_off.cancel()
        during = (list(order), (await client.get("/mailbox")).status_code)
        goes_on.set()
        answer = await second
        repeated = await _send(client)

    assert during == (["begins key-1"], 200)
    assert order == ["begins key-1", "ends key-1", "begins key-2", "ends key-2"]
    assert (answer.status_code, repeated.status_code) == (201, 200)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "America"])
def test_names_a_zone_that_is_none(zone: str) -> None:
    with pytest.raises(BadSettings, match="CLAIMLOG_SIMULATOR_ZONE"):
        Settings.read(PREFIX, {"CLAIMLOG_SIMULATOR_ZONE": zone})


def test_says_in_words_that_a_scenario_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    for name in ("missing.toml", "latin.toml"):
        with pytest.raises(BadScenarioFile, match=name):
            simulator(Settings(scenario_file=str(tmp_path / name)))
