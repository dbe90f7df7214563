"""An answer without a place is kept as it came, each time that one comes."""

from datetime import UTC, datetime

from services.claims.domain.kept_answer import KEPT_ANSWERS, AnswerKept, KeepAnswer

NOW = datetime(2026, 3, 21, 15, tzinfo=UTC)
KEEP = KeepAnswer(answered="group/1", why="unmatched", answer=None, file_sha256="a" * 64, now=NOW)
KEPT = AnswerKept(answered="group/1", why="unmatched", answer=None, file_sha256="a" * 64, kept_at=NOW)


def test_keeps_an_answer_under_the_number_that_it_names() -> None:
    assert KEPT_ANSWERS.outcome(given=[], when=KEEP) == (KEPT,)
    assert KEPT_ANSWERS.stream(KEEP) == "answer-group/1"


def test_keeps_a_second_answer_to_the_same_number_too() -> None:
    assert KEPT_ANSWERS.outcome(given=[KEPT], when=KEEP) == (KEPT,)
