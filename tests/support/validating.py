"""A request asked about first: what it would be answered is what it is answered then, and asking leaves nothing."""

from typing import Any

from httpx import Response

from shared.runtime.clock import new_id
from tests.support.memory import Running


async def sent_after_asking(svc: Running, path: str, **request: Any) -> Response:  # noqa: ANN401 (httpx's arguments)
    """Ask what a request would be answered, send it, compare both, and return the answer."""
    headers = {**request.pop("headers", {}), "Idempotency-Key": new_id()}
    before = await svc.engine.store.head()
    asked = await svc.client.post(path, params={"validate_only": "true"}, headers=headers, **request)
    after = await svc.engine.store.head()
    sent = await svc.client.post(path, headers=headers, **request)

    assert before == after
    assert asked.headers.get("Validate-Only") == ("true" if asked.is_success else None)
    assert "Validate-Only" not in sent.headers
    assert (asked.status_code, asked.headers.get("ETag")) == (sent.status_code, sent.headers.get("ETag"))
    assert timeless(asked.json()) == timeless(sent.json())
    return sent


def timeless(told: object) -> object:
    """Return an answer without what is another one each time: instants, and the names of requests."""
    if isinstance(told, dict):
        return {name: timeless(each) for name, each in told.items() if not name.endswith("_at") and name != "trace_id"}
    return [timeless(each) for each in told] if isinstance(told, list) else told
