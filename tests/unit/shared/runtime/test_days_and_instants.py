"""Days and instants come as texts; a number is none."""

import pytest
from pydantic import BaseModel, ValidationError

from shared.runtime.days_and_instants import Day, Instant


class Sent(BaseModel):
    """A body."""

    on: Day
    at: Instant | None = None


def test_texts_are_read() -> None:
    read = Sent.model_validate_json('{"on": "2026-03-03", "at": "2026-03-03T14:30:00Z"}')

    assert (read.on.isoformat(), read.at and read.at.isoformat()) == ("2026-03-03", "2026-03-03T14:30:00+00:00")
    assert Sent.model_validate(read.model_dump()) == read


@pytest.mark.parametrize("on", ["0", '"0"', "1772496000", '"1772496000"', "true", "null", "[]"])
def test_seconds_since_1970_are_no_day(on: str) -> None:
    with pytest.raises(ValidationError):
        Sent.model_validate_json(f'{{"on": {on}}}')


@pytest.mark.parametrize("at", ["0", '"0"', "1.5", "false", '"2026-03-03T14:30:00"'])
def test_an_instant_is_a_text_with_its_offset(at: str) -> None:
    with pytest.raises(ValidationError):
        Sent.model_validate_json(f'{{"on": "2026-03-03", "at": {at}}}')
