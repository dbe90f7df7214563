"""The page for trainers: what it shows, what it lets a trainer drive, and what it keeps others from."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime
from html import unescape
from threading import Event

import httpx
import pytest

from apps.embedded.mounted import Mounted
from apps.simulator.case import State
from apps.simulator.front import Front
from apps.simulator.main import simulator
from apps.simulator.office import Office, Receipt
from apps.simulator.page.rendering import SHAPES
from apps.simulator.scenario import SCENARIOS
from apps.simulator.settings import Settings
from shared.kernel.dates import local_day
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
PAGES = ("", "claims", "claim?row=1", "answers", "answer?row=1", "checks", "check?row=1", "members", "scenarios")


def _client(settings: Settings, prefix: str = "") -> httpx.AsyncClient:
    app = simulator(settings)
    transport = httpx.ASGITransport(Mounted({prefix: app}) if prefix else app)
    return httpx.AsyncClient(transport=transport, base_url=f"http://simulator/{prefix}")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with _client(Settings(page_size_max=2)) as client:
        yield client


async def _payers_day(client: httpx.AsyncClient) -> str:
    """Return the day at the payers, which in the evening is not yet that of UTC: later services are of no year."""
    now = datetime.fromisoformat((await client.get("clock")).json()["now"])
    return f"{local_day(now, Settings().zone):%Y%m%d}"


async def _send(client: httpx.AsyncClient, *members: tuple[str, ...], number: int = 1) -> None:
    content = interchange(transaction_set(*members), number=number)
    answer = await client.post("interchanges", content=content, headers={"Idempotency-Key": f"key-{number}"})
    assert answer.status_code == 201


async def _form(client: httpx.AsyncClient, where: str, **fields: str) -> httpx.Response:
    return await client.post(where, data=fields, headers=FROM_HERE)


def _words(answer: httpx.Response) -> str:
    """Return what a reader sees of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def _rows(answer: httpx.Response) -> list[str]:
    """Return what stands in the rows of the first table."""
    body = re.search(r"<tbody>(.*?)</tbody>", answer.text, re.DOTALL)
    cells = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]


async def test_says_on_every_page_that_it_is_a_simulator_and_what_time_it_is(client: httpx.AsyncClient) -> None:
    await _send(client, member("PAID1"))
    for where in PAGES:
        words = _words(await client.get(where))

        assert "No real payer is behind this page" in words, where
        assert re.search(r"It is \d{4}-\d\d-\d\d \d\d:\d\d:\d\d here \(America/New_York\)", words), where


async def test_begins_empty(client: httpx.AsyncClient) -> None:
    said = [_words(await client.get(where)) for where in ("", "claims", "answers", "checks", "members")]

    wanted = ("No claim came yet", "No such claim", "Nothing was answered", "No check was written", "Nobody yet")
    assert all(words in page for words, page in zip(wanted, said, strict=True))


async def test_lists_every_scenario_with_what_it_meets(client: httpx.AsyncClient) -> None:
    rows = _rows(await client.get("scenarios"))

    assert rows == [f"{each.prefix} {each.meets}" for each in SCENARIOS.values()]


async def test_lists_claims_newest_first_and_a_page_at_a_time(client: httpx.AsyncClient) -> None:
    await _send(client, member("PAID1", "C1"), member("DENY27A", "C2"), member("REJP1", "C3"))
    first = await client.get("claims")
    older = re.search(r'name="before" value="(\d+)"', first.text)
    assert older
    second = await client.get("claims", params={"before": older[1]})

    assert [row.split()[0] for row in _rows(first)] == ["C3", "C2"]
    assert [row.split()[0] for row in _rows(second)] == ["C1"]
    assert 'name="before"' not in second.text


async def test_says_of_a_claim_what_became_of_it(client: httpx.AsyncClient) -> None:
    await _send(client, member("PAID1", "C1", charges=("1234.50",)), member("REJC1", "C2"))
    paid, rejected = sorted(_rows(await client.get("claims")))

    assert re.fullmatch(
        r"C1 ICN0000000001 EXHP1 PAID1 PAID \$1,234\.50 ● paid \$987\.60 CO-45 SIM000000001 (\d{4}-\d\d-\d\d) \1", paid
    )
    assert re.fullmatch(r"C2 EXHP1 REJC1 REJC \$100\.00 ▲ rejected \$0\.00 clearinghouse A7 \d{4}-\d\d-\d\d", rejected)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"text": "c2"}, ["C2"]),
        ({"text": "deny27"}, ["C2"]),
        ({"text": "ICN0000000001"}, ["C1"]),
        ({"text": "sim000000001"}, ["C2", "C1"]),
        ({"state": "denied"}, ["C2"]),
        ({"state": "denied", "text": "C1"}, []),
        ({"text": "nothing of it"}, []),
    ],
)
async def test_finds_claims(client: httpx.AsyncClient, fields: dict[str, str], found: list[str]) -> None:
    await _send(client, member("PAID1", "C1"), member("DENY27A", "C2"))
    answer = await _form(client, "claims", **fields)

    assert [row.split()[0] for row in _rows(answer)] == found


async def test_goes_on_with_a_search_from_where_it_stopped(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.simulator.page.claims.SCANNED_MAX", 2)
    await _send(client, *(member("PAID1", f"C{number}") for number in range(1, 4)))
    first = await _form(client, "claims", text="C1")
    second = await _form(client, "claims", text="C1", before="2")

    assert "look further back" in _words(first)
    assert 'name="before" value="2"' in first.text
    assert [row.split()[0] for row in _rows(second)] == ["C1"]


async def test_shows_a_claim_with_its_lines_its_past_and_its_files(client: httpx.AsyncClient) -> None:
    await _send(client, member("CORR1", "C1", charges=("100", "50")), member("PAID1", "C2"))
    await _form(client, "advance", by="31d")
    answer = await client.get("claim?row=1")
    words = _words(answer)

    assert _rows(answer) == [
        "L1 99213 25 2026-10-01 $100.00 $48.00 $48.00 $52.00 CO-45",
        "L2 99213 25 2026-10-01 $50.00 $24.00 $24.00 $26.00 CO-45",
    ]
    assert "● paid $150.00 $120.00 CO-45 SIM000000001 ◄ reversed -$150.00 -$120.00 CO-45 SIM000000002" in words
    assert re.findall(r"\d{9}\.\w+", words) == ["000000002.277ca", "000000003.277ca", "000000004.835", "000000005.835"]
    assert _rows(await client.get("claim?number=ICN0000000001")) == _rows(answer)


async def test_shows_files_newest_first_with_their_segments(client: httpx.AsyncClient) -> None:
    await _send(client, member("PAID1"))
    listed = _rows(await client.get("answers"))
    answer = await client.get("answer?row=4")
    bytes_link = re.search(r'href="(mailbox/\d+)"', answer.text)
    assert bytes_link
    sent = (await client.get(bytes_link[1])).text

    assert [row.split()[:2] for row in listed] == [["000000004.835", "835"], ["000000003.277ca", "277CA"]]
    segments = [unescape(re.sub("<[^>]+>", "", each)) for each in re.findall(r"<li>(.*)</li>", answer.text)]
    assert segments == [segment for segment in sent.replace("\n", "").split("~") if segment]


async def test_shows_a_long_file_in_parts(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.simulator.page.answers.SEGMENTS_MAX", 5)
    await _send(client, member("PAID1"))
    where, names = "answer?row=1", list[str]()
    while where:
        page = (await client.get(where)).text
        names += re.findall(r"<li><b>(\w+)</b>", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        where = unescape(following[1]) if following else ""

    assert (names[0], names[-1]) == ("ISA", "IEA")
    assert len(names) == (await client.get("mailbox/000000001")).text.count("~")


async def test_shows_checks_with_what_stands_in_them_besides_claims(client: httpx.AsyncClient) -> None:
    await _send(client, member("TAKE1", "C1"))
    await _form(client, "advance", by="31d")
    await _send(client, member("PAID1", "C2"), number=2)
    kept, reversal = _rows(await client.get("checks"))
    check = _words(await client.get("check?number=SIM000000001"))

    assert kept.startswith(
        "SIM000000003 EXHP1 1234567893 1 $80.00 -$80.00 WO for ICN0000000001: overpayment, kept from this check"
    )
    assert kept.endswith("$0.00")
    assert reversal.startswith(
        "SIM000000002 EXHP1 1234567893 2 -$80.00 $80.00 WO for ICN0000000001: overpayment, to be kept from a later"
    )
    assert "C1 ICN0000000001 ● paid $100.00 $80.00 CO-45" in check


async def test_shows_members_with_what_their_year_has_used_up(client: httpx.AsyncClient) -> None:
    day = await _payers_day(client)
    await _send(client, member("YEAR1", "C1", day=day), member("m9", "C2", day=day))
    await _form(client, "scenarios", payer_id="EXHP1", member_id="M9", scenario="DENY", code="29")
    await _form(client, "scenarios", payer_id="EXHP2", member_id="N1", scenario="PAID")
    first = await client.get("members")
    older = re.search(r'href="(members\?before=\d+)"', first.text)
    assert older
    rows = sorted(_rows(first) + _rows(await client.get(older[1])))

    assert len(rows) == 3
    assert "EXHP1 M9 DENY29 denied with the CARC" in rows[0]
    assert "deductible $80.00 of $500.00, out of pocket $80.00 of $1,500.00 1" in rows[1]
    assert rows[2].startswith("EXHP2 N1 PAID paid in full, less the contractual part (CO 45) (chosen)")
    assert [row[-1] for row in rows] == ["1", "1", "0"]


async def test_counts_a_year_once_however_a_member_is_spelt(client: httpx.AsyncClient) -> None:
    day = await _payers_day(client)
    await _send(client, member("YEAR1", "C1", day=day), member("year1", "C2", day=day))
    (row,) = _rows(await client.get("members"))

    assert "deductible $160.00 of $500.00, out of pocket $160.00 of $1,500.00 2" in row


async def test_drives_time_ahead_and_leads_back(client: httpx.AsyncClient) -> None:
    await _send(client, member("LATE1"))
    before = _rows(await client.get("claims"))
    advanced = await _form(client, "advance", by="14d", back="claim?row=1")
    after = _rows(await client.get("claims"))

    assert (advanced.status_code, advanced.headers["location"]) == (303, "claim?row=1")
    assert ("○ waiting" in before[0], "● paid" in after[0]) == (True, True)


@pytest.mark.parametrize("by", ["14", "", "-1d", "99999w" * 3, "<b>"])
async def test_says_in_words_why_time_was_not_driven(client: httpx.AsyncClient, by: str) -> None:
    answer = await _form(client, "advance", by=by)

    assert answer.status_code == 422
    assert "Not advanced: write a number and a unit" in _words(answer)
    assert "<b>" not in re.sub("<b>[A-Z]", "", answer.text)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "claims?text=ada", "claim?row=1\r\nX: y"])
async def test_leads_nowhere_else(client: httpx.AsyncClient, back: str) -> None:
    assert (await _form(client, "advance", by="1s", back=back)).headers["location"] == "./"


async def test_lets_a_trainer_choose_a_scenario(client: httpx.AsyncClient) -> None:
    chosen = await _form(client, "scenarios", payer_id=" EXHP1 ", member_id="M1", scenario="DENY", code="27")
    await _send(client, member("M1"))

    assert (chosen.status_code, chosen.headers["location"]) == (303, "members")
    assert "CO-27" in _rows(await client.get("claims"))[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"member_id": " "}, "name the payer and the member"),
        ({"payer_id": "P" * 81}, "an id has at most 80 characters"),
        ({"scenario": "BAID"}, "choose a scenario of the table"),
        ({"scenario": "PAID", "code": "27"}, "nothing stands behind PAID"),
        ({"scenario": "DENY", "code": "x"}, "behind DENY stand digits: the number of a reason"),
        ({"scenario": "DENY", "code": "999"}, "behind DENY stand digits: the number of a reason"),
    ],
)
async def test_says_in_words_why_nothing_was_chosen(
    client: httpx.AsyncClient, change: dict[str, str], words: str
) -> None:
    fields = {"payer_id": "EXHP1", "member_id": "M1", "scenario": "PAID", "code": ""} | change
    answer = await _form(client, "scenarios", **fields)

    assert answer.status_code == 422
    assert f"Nothing chosen: {words}" in _words(answer)
    assert "Nobody yet" in _words(await client.get("members"))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://simulator"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("where", ["advance", "scenarios", "claims"])
async def test_takes_no_form_of_another_site(client: httpx.AsyncClient, where: str, headers: dict[str, str]) -> None:
    fields = {"by": "14d", "payer_id": "EXHP1", "member_id": "M1", "scenario": "PAID"}
    before = (await client.get("clock")).json()["now"][:10]
    answer = await client.post(where, data=fields, headers=headers)

    assert answer.status_code == 403
    assert "A form is taken from this page alone" in _words(answer)
    assert (await client.get("clock")).json()["now"][:10] == before
    assert "Nobody yet" in _words(await client.get("members"))


async def test_takes_a_form_of_its_own_origin_from_a_browser_that_names_no_site(client: httpx.AsyncClient) -> None:
    answer = await client.post("advance", data={"by": "1d"}, headers={"Origin": "http://simulator"})

    assert answer.status_code == 303


async def test_takes_no_long_form(client: httpx.AsyncClient) -> None:
    assert (await _form(client, "claims", text="x" * 10_001)).status_code == 403


@pytest.mark.parametrize("where", ["claim?row=2", "claim?row=x", "claim?number=ICN9", "answer?row=9", "check?row=0"])
async def test_says_where_nothing_is(client: httpx.AsyncClient, where: str) -> None:
    await _send(client, member("PAID1"))
    answer = await client.get(where)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing at this address" in _words(answer)


async def test_escapes_everything(client: httpx.AsyncClient) -> None:
    evil = "<script>alert(1)</script>"
    named = tuple(each.replace("*SAMPLE*ADA", "*<script>*<img src=x>") for each in member("PAID1"))
    await _send(client, named)
    await _form(client, "scenarios", payer_id=evil, member_id='"><script>', scenario="PAID")
    answers = [await client.get(where) for where in PAGES]
    answers += [await _form(client, "claims", text=evil), await _form(client, "advance", by=evil[:12])]
    answers += [await _form(client, "scenarios", payer_id=evil, member_id="", scenario="PAID")]

    for answer in answers:
        assert not re.search(r"<(?:script|img|i>)", answer.text), answer.url
        assert "<b>" not in re.sub(r"<li><b>\w+</b>", "", answer.text), answer.url
    assert all("&lt;script&gt;" in answers[page].text for page in (2, 7))  # the claim, the members


async def test_escapes_what_stands_in_a_file(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Office.post
    monkeypatch.setattr(Office, "post", lambda self, kind, content: post(self, kind, content + b"<i>A*<script>~"))
    await _send(client, member("PAID1"))
    answer = await client.get("answer?row=4")

    assert "<b>&lt;i&gt;A</b>*&lt;script&gt;" in answer.text


async def test_sends_nothing_that_runs_and_asks_nobody_else(client: httpx.AsyncClient) -> None:
    await _send(client, member("PAID1"))
    for where in (*PAGES, "page.css", "claim?row=7"):
        answer = await client.get(where)

        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"""(?:href|src|action)="(?:[a-z]+:)?/|\sstyle=|\son\w+=|url\(""", answer.text), where


async def test_keeps_members_out_of_addresses(client: httpx.AsyncClient) -> None:
    await _send(client, member("PAID77", "CLAIM77"))
    for where in PAGES:
        links = re.findall(r'(?:href|action)="([^"]*)"', (await client.get(where)).text)

        assert not [link for link in links if "77" in link or "ADA" in link.upper()], where


@pytest.mark.parametrize("prefix", ["", "simulator"])
async def test_holds_together_wherever_it_is_mounted(prefix: str) -> None:
    async with _client(Settings(page_size_max=2), prefix) as client:
        await _send(client, *(member("PAID1", f"C{number}") for number in range(1, 4)))
        root = httpx.URL(f"http://simulator/{prefix}/" if prefix else "http://simulator/")
        todo, seen = [root], set[httpx.URL]()
        while todo:
            here = todo.pop()
            answer = await client.get(here)
            assert answer.status_code == 200, here
            seen.add(here)
            links = re.findall(
                r'(?:href|action)="([^"#]+)"', answer.text if "html" in answer.headers["content-type"] else ""
            )
            reached = {here.join(unescape(link)) for link in links} - {root.join("advance")}
            todo += reached - seen - set(todo)

    assert len(seen) > len(PAGES)
    assert all(each.path.startswith(root.path) for each in seen)


async def test_leads_from_the_bare_prefix_to_the_page() -> None:
    async with _client(Settings(), "simulator") as client:
        answer = await client.get("http://simulator/simulator", follow_redirects=True)

    assert (answer.status_code, answer.url.path) == (200, "/simulator/")


async def test_is_shown_while_an_interchange_is_worked_on(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_end = Event(), Event()
    receive = Front.receive

    def slow(self: Front, key: str, content: bytes) -> Receipt:
        began.set()
        assert may_end.wait(60)
        return receive(self, key, content)

    monkeypatch.setattr(Front, "receive", slow)
    sending = asyncio.create_task(_send(client, member("PAID1")))
    try:
        assert await asyncio.to_thread(began.wait, 60)
        during = [_words(await client.get(where)) for where in ("", "claims", "members", "checks", "answers")]
    finally:
        may_end.set()
        await sending

    assert all("An interchange is being worked on" in words for words in during)
    assert "being worked on" not in _words(await client.get(""))


async def test_says_that_the_clearinghouse_is_down_and_stays_open(client: httpx.AsyncClient) -> None:
    await client.post("outage", json={"span": "2d"})
    during = _words(await client.get(""))
    await _form(client, "advance", by="3d")

    assert "The clearinghouse is down until" in during
    assert "is down until" not in _words(await client.get(""))


def test_tells_states_apart_by_shape() -> None:
    assert set(State) <= set(SHAPES)
    assert len(set(SHAPES.values())) == len(SHAPES)
