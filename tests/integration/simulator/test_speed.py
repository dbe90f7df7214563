"""A simulator whose time runs a day a second: it answers when its own time has come, and nobody drives it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import httpx
import stamina

from apps.simulator.office import ZONE
from shared.kernel.dates import local_day
from shared.x12.sets.t835_x221a1 import RemittanceClaim, read_835
from tests.support.programs import REPOSITORY, environment
from tests.unit.apps.simulator.interchanges import interchange, member, transaction_set
from tools.kafka.node import free_port

DAYS: Final = {"PAID1": 0, "SPLT1": 1, "LATE1": 14}
"""After how many days a payer decides; a run begins with the day."""
SECONDS_MAX: Final = 60
_DAY_A_SECOND: Final = "86400"


@dataclass(slots=True)
class Watched:
    """What was seen of a simulator, by claim.

    **Shape**: `paid` are decisions, the day of their check, and when the look ended that found them first; `missed` is
    when the last look began that did not find them.
    """

    http: httpx.Client
    paid: dict[str, tuple[RemittanceClaim, date, datetime]] = field(default_factory=dict)
    missed: dict[str, datetime] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return what time it is there."""
        return datetime.fromisoformat(self.http.get("/clock").raise_for_status().json()["now"])

    def look(self) -> None:
        """Look into the mailbox, and note between which two moments a decision came."""
        before = self.now()
        files = self.http.get("/mailbox").raise_for_status().json()["files"]
        after = self.now()
        for mail in files:
            if mail["name"].endswith(".835"):
                for check in read_835(self.http.get(f"/mailbox/{mail['id']}").content):
                    assert check.payment_on is not None
                    for claim in check.claims:
                        self.paid.setdefault(claim.patient_control_number, (claim, check.payment_on, after))
        self.missed |= dict.fromkeys(DAYS.keys() - self.paid.keys(), before)


@contextmanager
def running(home: Path) -> Iterator[httpx.Client]:
    port = str(free_port())
    env = environment(
        home,
        CLAIMLOG_SIMULATOR_PORT=port,
        CLAIMLOG_SIMULATOR_SPEED=_DAY_A_SECOND,
        CLAIMLOG_SIMULATOR_STATE_FILE=str(home / "journal.jsonl"),
    )
    program = [sys.executable, "-m", "apps.simulator.main"]
    with (
        subprocess.Popen(program, cwd=REPOSITORY, env=env, stderr=subprocess.DEVNULL) as process,  # noqa: S603 (ours)
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as http,
    ):
        try:
            until_open(http)
            yield http
        finally:
            process.terminate()


@stamina.retry(on=httpx.HTTPError, timeout=SECONDS_MAX, wait_initial=0.1, wait_max=0.5, attempts=None)
def until_open(http: httpx.Client) -> None:
    http.get("/healthz").raise_for_status()


@stamina.retry(on=AssertionError, timeout=SECONDS_MAX, wait_initial=0.02, wait_max=0.1, attempts=None)
def until_decided(watched: Watched, number: str) -> None:
    watched.look()
    assert number in watched.paid


def test_answers_when_its_own_time_has_come_also_after_a_restart(tmp_path: Path) -> None:
    content = interchange(transaction_set(*(member(number, number, day="20260105") for number in DAYS)))
    with running(tmp_path) as http:
        watched = Watched(http)
        sent = watched.now()
        http.post("/interchanges", content=content, headers={"Idempotency-Key": "key-1"}).raise_for_status()
        received = watched.now()
        until_decided(watched, "PAID1")
        until_decided(watched, "SPLT1")
        stopped = watched.now()
    with running(tmp_path) as watched.http:
        started = watched.now()
        until_decided(watched, "LATE1")

    assert sent < received < stopped < started
    for number, days in DAYS.items():
        claim, paid_on, found = watched.paid[number]
        assert claim.received_on is not None
        assert local_day(sent, ZONE) <= claim.received_on <= local_day(received, ZONE)
        assert paid_on == claim.received_on + timedelta(days=days)
        due = datetime.combine(paid_on, time(), ZoneInfo(ZONE))
        assert watched.missed.get(number, sent) < max(due, received)
        assert found >= due
    assert watched.missed.keys() >= {"LATE1"}
