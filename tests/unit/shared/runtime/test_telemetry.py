"""Log lines have ids and slugs; what could be about a person does not get through."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.runtime.telemetry import configure_logging


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_line_keeps_known_keys_and_drops_others(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    structlog.get_logger("t").info("key-parked", slug="unknown-version", name="Ada Sample", body={"ssn": "1"}, offset=7)
    (line,) = lines(capsys)

    assert set(line) == {"event", "level", "timestamp", "slug", "offset"}
    assert "Ada" not in json.dumps(line)


def test_exception_is_told_by_class_and_place_not_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    try:
        {"Eve": 1}["Ada Sample"]
    except KeyError:
        structlog.get_logger("t").exception("flush-failed")
    (line,) = lines(capsys)

    assert str(line["exception"]).startswith("KeyError at ")
    assert "test_telemetry.py:" in str(line["exception"])
    assert "Ada" not in json.dumps(line)


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level=logging.WARNING)
    structlog.get_logger("t").info("started")

    assert lines(capsys) == []


def test_people_at_a_terminal_get_readable_lines_with_the_same_keys(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(readable=True)
    structlog.get_logger("t").warning("gap", position=7, patient="Ada Sample")
    written = capsys.readouterr().err

    assert "position=7" in written
    assert "Ada" not in written
