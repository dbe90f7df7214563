"""Files that went out, over HTTP."""

from datetime import datetime
from typing import Annotated, Final, TypeAlias

from fastapi import Query
from pydantic import Field

from services.claims.api.body import ROUTER, Answer, Paged, plain
from services.claims.domain.batch import RequeueBatch
from services.claims.projections.batches import BATCH_ROWS, Status
from shared.kernel.errors import NotFound
from shared.runtime.http import Access, Call, CallAsOf
from shared.runtime.pages import Cursor, PageSize

_STREAM: Final = "batch-{batch_id}"
BatchStatus: TypeAlias = Annotated[Status | None, Query(description="How far they are.")]
ACCESS: Final = {
    "GET /v1/batches": Access(scope="claims.read", reads="batches"),
    "GET /v1/batches/{batch_id}": Access(scope="claims.read", reads="batches", as_of=True, version_of=_STREAM),
    "POST /v1/batches/{batch_id}/requeues": Access(
        scope="claims.write",
        does="RequeueBatch → BatchRequeued",
        reads="batches",
        version_of=_STREAM,
        changes=True,
        keyed=True,
    ),
}


class BatchNotFound(NotFound):
    """No batch has this id."""

    slug = "batch-not-found"


class BatchedClaimAnswer(Answer):
    """One claim in a file."""

    claim_id: str
    submission_id: str
    patient_control_number: str
    transaction_control_number: str


class FailureAnswer(Answer):
    """One try that failed."""

    attempt: int
    error_slug: str = Field(description="What went wrong, a slug.", examples=["not-sent"])
    retryable: bool
    failed_at: datetime


class FileAnswerAnswer(Answer):
    """What a TA1 (no transaction control number) or a 999 said."""

    transaction_control_number: str | None
    accepted: bool = Field(description="Whether it was taken.")
    codes: tuple[str, ...] = Field(description="Codes as answered.", examples=[["IK5:A"]])
    file_sha256: str
    answered_at: datetime


class BatchAnswer(Answer):
    """A file: whether it left, how often it was tried, what was said of it."""

    batch_id: str
    status: Status = Field(description="How far the file is.")
    receiver_id: str
    channel: str = Field(description="How it is to go out.", examples=["sftp"])
    interchange_control_number: str
    group_control_number: str
    file_sha256: str
    claims: tuple[BatchedClaimAnswer, ...] = Field(description="The claims in it, in its order.")
    queued_at: datetime
    attempts: int = Field(description="How often it was tried.", examples=[1])
    attempted_at: datetime | None
    attempt_channel: str | None = Field(description="How the last try went out.", examples=["sftp"])
    temporary_name: str | None
    unknown_reason: str | None = Field(
        description="Why nobody can tell whether it arrived, a slug.", examples=["nobody-answered"]
    )
    transmitted_at: datetime | None
    receipt: str | None
    failures: tuple[FailureAnswer, ...] = Field(description="Tries that failed, oldest first.")
    answers: tuple[FileAnswerAnswer, ...] = Field(description="What was said of it, oldest first.")


@ROUTER.get("/batches")
async def batches(
    call: Call, status: BatchStatus = None, cursor: Cursor = None, page_size: PageSize = 100
) -> Paged[BatchAnswer]:
    """Return files by id."""
    page = await call.page(BATCH_ROWS, where={"status": status}, cursor=cursor, page_size=page_size)
    return Paged(items=tuple(BatchAnswer.model_validate(plain(row)) for row in page.items), next=page.next)


@ROUTER.get("/batches/{batch_id}")
async def batch(batch_id: str, call: CallAsOf) -> BatchAnswer:
    """Return a file. **Errors**: 404 `batch-not-found`."""
    row = await call.row(BATCH_ROWS, batch_id)
    if row is None:
        raise BatchNotFound("no batch has this id")
    return BatchAnswer.model_validate(plain(row))


@ROUTER.post("/batches/{batch_id}/requeues", status_code=201)
async def requeue(batch_id: str, call: Call) -> BatchAnswer:
    """Send a file that failed, or of which nobody can tell, again, byte for byte.

    **Errors**: 404 `batch-not-found`, 409 `batch-not-failed`.
    """
    if await call.row(BATCH_ROWS, batch_id) is None:
        raise BatchNotFound("no batch has this id")
    await call.handle(RequeueBatch(batch_id=batch_id, by_person=True, now=call.now))
    return await batch(batch_id, call)
