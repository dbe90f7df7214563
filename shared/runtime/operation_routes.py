"""The routes that every service has for work that outlasts its request: list, look, results, cancel; rebuilds.

Owns: what a caller sees of an operation. Refuses: working it off (`working_off.py`).
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from fastapi.responses import StreamingResponse

from shared.kernel.errors import NotFound, Rejected
from shared.kernel.identifiers import UUID_PATTERN
from shared.runtime import clock
from shared.runtime.access import NDJSON, Access
from shared.runtime.call import Call, OneCall, RequestCall
from shared.runtime.common_answers import ShownOperation, ShownOperations
from shared.runtime.kept_lines import results
from shared.runtime.operations import Operation
from shared.runtime.pages import Cursor, PageSize, cursor_after, key_before
from shared.runtime.verify.read_models import chosen

OPERATION_ACCESS: Final[Mapping[str, Access]] = {
    "GET /v1/operations": Access(scope="operations.read", reads="operations"),
    "GET /v1/operations/{operation_id}": Access(scope="operations.read", reads="operations"),
    "GET /v1/operations/{operation_id}/results": Access(scope="operations.read", reads="operations"),
    "POST /v1/operations/{operation_id}/cancellations": Access(scope="operations.write", reads="operations"),
    "POST /v1/read-models/{name}/rebuilds": Access(scope="operations.write", reads="operations"),
}
ROUTER: Final = APIRouter()
OperationId = Annotated[
    str,
    Path(pattern=f"^{UUID_PATTERN}$", description="The operation.", examples=["0190f3c2-0000-7000-8000-0000000000c1"]),
]
Name = Annotated[str, Path(description="The read model.", examples=["encounters"])]


class OperationNotFound(NotFound):
    """The tenant has no operation with this id, or it ended so long ago that it was forgotten."""

    slug = "operation-not-found"


class OperationEnded(Rejected):
    """Only what runs can be cancelled."""

    slug = "operation-ended"


@ROUTER.get("/v1/operations")
async def operations(call: Call, cursor: Cursor = None, page_size: PageSize = 100) -> ShownOperations:
    """Return operations, the newest first."""
    before = None if cursor is None else key_before(cursor, call.request, pattern=UUID_PATTERN)
    size = min(page_size, call.engine.service.settings.page_size_max)
    found = await call.engine.store.operations.newest(call.caller.tenant_id, before=before, rows_max=size + 1)
    page = found[:size]
    following = cursor_after(page[-1].operation_id, call.request) if len(found) > size else None
    return ShownOperations(items=tuple(shown_operation(each, call) for each in page), next=following)


@ROUTER.get("/v1/operations/{operation_id}")
async def operation(operation_id: OperationId, call: Call) -> ShownOperation:
    """Return how far an operation is. **Errors**: 404 `operation-not-found`."""
    return shown_operation(await _found(operation_id, call), call)


@ROUTER.get("/v1/operations/{operation_id}/results", response_class=Response)
async def operation_results(operation_id: OperationId, call: Call) -> Response:
    """Return what came of it so far, line by line. **Errors**: 404 `operation-not-found`."""
    found = await _found(operation_id, call)
    return StreamingResponse(results(call.engine, found), headers=dict(call.response.headers), media_type=NDJSON)


@ROUTER.post("/v1/operations/{operation_id}/cancellations")
async def cancel(operation_id: OperationId, call: Call) -> ShownOperation:
    """End an operation at its next part; what was done stays. Again changes nothing.

    **Errors**: 404 `operation-not-found`; 409 `operation-ended`.
    """
    is_ours = await call.engine.store.operations.cancel(call.caller.tenant_id, operation_id, clock.now())
    found = await _found(operation_id, call)
    if not is_ours and found.state != "cancelled":
        raise OperationEnded("the operation has ended; there is nothing to cancel")
    return shown_operation(found, call)


@ROUTER.post("/v1/read-models/{name}/rebuilds", status_code=HTTPStatus.ACCEPTED)
async def rebuild(name: Name, call: Call) -> ShownOperation:
    """Fill a read model anew from its facts, beside the one that serves, and put it in its place.

    **Errors**: 404 `unknown-read-model`.
    """
    chosen(call.engine, frozenset({name}))
    begun = Operation(
        operation_id=clock.new_id(),
        tenant_id=call.caller.tenant_id,
        kind="rebuild",
        subject=name,
        actor=call.caller.actor,
        correlation_id=call.correlation_id,
        created_at=call.now,
    )
    await call.engine.store.operations.add(begun)
    shown = shown_operation(begun, call)
    call.response.headers["Location"] = f"{call.request.scope.get('root_path', '')}/v1/operations/{begun.operation_id}"
    return shown


def shown_operation(found: Operation, call: RequestCall) -> ShownOperation:
    """Return what is shown of an operation; the rate is over all of its time."""
    until = found.ended_at or call.now
    seconds = max((until - found.created_at).total_seconds(), 0.001)
    rate = found.done / seconds
    left = found.total - found.done
    root = call.request.scope.get("root_path", "")
    return ShownOperation(
        operation_id=found.operation_id,
        kind=found.kind,
        subject=found.subject,
        state=found.state,
        done=found.done,
        total=found.total,
        per_second=round(rate, 1),
        seconds_left=round(left / rate) if found.state == "running" and rate else None,
        problem=found.problem,
        created_at=found.created_at,
        ended_at=found.ended_at,
        results=f"{root}/v1/operations/{found.operation_id}/results" if found.worked else None,
    )


async def _found(operation_id: str, call: OneCall) -> Operation:
    found = await call.engine.store.operations.find(call.caller.tenant_id, operation_id)
    if found is None:
        raise OperationNotFound("no operation has this id; GET /v1/operations lists them")
    return found
