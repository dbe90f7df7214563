"""docs/bulk-intake.md shows what is answered: its example is sent."""

import re
from pathlib import Path

from services.coding.main import service
from services.coding.settings import Settings
from shared.runtime.lines import LINE_BYTES_MAX
from tests.support.memory import Running, running
from tests.unit.coding.tables import TABLES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "bulk-intake.md").read_text(encoding="utf-8")
SENT, ANSWERED, ANSWERED_AGAIN = re.findall(r"```ndjson\n(.*?)```", PAGE, flags=re.DOTALL)


async def answer(coding: Running, content: str) -> str:
    """Send lines; return the results."""
    headers = {"Content-Type": "application/x-ndjson"}
    sent = await coding.client.post("/v1/encounters/bulk", content=content, headers=headers)
    assert sent.status_code == 207
    return sent.text


async def test_the_example_is_answered_as_the_page_says() -> None:
    async with running(service(Settings(), TABLES)) as coding:
        first = await answer(coding, SENT)
        again = await answer(coding, SENT.replace("2026-02-30", "2026-02-28"))

    assert (first, again) == (ANSWERED, ANSWERED_AGAIN)


def test_the_limits_are_those_that_are_kept() -> None:
    assert f"| {LINE_BYTES_MAX:,} bytes |" in PAGE
    assert (Settings().bulk_bytes_max, "| 1 GB (`bulk_bytes_max`) |" in PAGE) == (1_000_000_000, True)
