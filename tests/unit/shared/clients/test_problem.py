"""`shared/clients/problem.py`: what a caller learns from an answer that is not a success."""

import httpx
import pytest

from shared.clients.problem import ProblemAnswered, body_of, created


def test_gives_the_body_of_a_success() -> None:
    answer = httpx.Response(201, json={"a": 1})

    assert body_of(answer) == {"a": 1}
    assert created(answer)
    assert not created(httpx.Response(200))


def test_names_the_fields_of_a_malformed_request() -> None:
    problem = {"type": "/problems/malformed-request", "detail": "mend", "errors": [{"pointer": "/body/mrn"}]}

    with pytest.raises(ProblemAnswered, match="422 malformed-request: mend \\(/body/mrn\\)"):
        body_of(httpx.Response(422, json=problem))


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"", b'"text"'])
def test_survives_an_answer_of_something_in_between(content: bytes) -> None:
    with pytest.raises(ProblemAnswered) as refused:
        body_of(httpx.Response(502, content=content))

    assert (refused.value.status, refused.value.slug) == (502, "not-a-problem-document")
