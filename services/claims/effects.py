"""What claims does in the world: it writes files, sends them, and reads what lies in the mailbox.

Owns: when a file is made, what each outcome of a send becomes, which files of the mailbox are read. Refuses: rules;
what comes back is a command, and the batch decides. A file's bytes are made once, under a number that no other file
gets; what could not be sent is sent again byte for byte. A send without an answer is never repeated before the
clearinghouse said that it has nothing. Answers are read in a thread, as a long file takes seconds. Next:
`domain/batch.py` holds the fence; `shared/runtime/clearinghouse` carries.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.claims.domain.acknowledgment import Reading, read
from services.claims.domain.batch import (
    AttemptBatch,
    QueueBatch,
    RecordFailure,
    RecordTransmission,
    RecordUnknown,
    RequeueBatch,
)
from services.claims.domain.batch_facts import BatchedClaim, BatchQueued, BatchRequeued, BatchTransmitted
from services.claims.domain.claim import HoldClaim, QueueClaim
from services.claims.domain.claim_837 import ClaimToSend, Written, patient_control_number_of, why_not, write
from services.claims.domain.claim_facts import ClaimResubmissionAsked
from services.claims.domain.inbound import Answers, ReceiveFile
from services.claims.projections.authorizations import AUTHORIZATIONS
from services.claims.projections.batches import BATCH_ROWS, BatchRow
from services.claims.projections.claims import CLAIM_ROWS, ClaimRow
from services.claims.projections.coverages import COVERAGES
from services.claims.projections.mailbox import KEY, MAILBOX
from services.claims.projections.patients import PATIENTS
from services.claims.projections.payers import PAYERS
from services.claims.projections.providers import PROVIDERS
from services.claims.projections.received_files import RECEIVED_FILES
from services.claims.settings import Settings
from shared.events.claims import ClaimAssembled, ClaimHoldReleased
from shared.kernel.errors import Rejected
from shared.runtime.clearinghouse.partner import Partner
from shared.runtime.clearinghouse.port import (
    Clearinghouse,
    Leavings,
    NotSent,
    OutcomeUnknown,
    Parcel,
    SendRefused,
    Standing,
)
from shared.runtime.effects import Effect, Outside, Poll, Round, Timer, Work
from shared.runtime.files import File
from shared.runtime.mailbox import FileRefused, MailboxFile, portions

_FILE_NAME_MAX: Final = 255
PAGES_MAX: Final = 100
"""Pages of a listing that one look takes; the next look goes on from there."""
FILES_MAX: Final = 100
"""Files that one look at the ready claims makes; the next look goes on."""
_ON_THE_WAY: Final = ("queued", "attempted")


def partner_of(clearinghouse: Clearinghouse) -> Partner:
    """Return the clearinghouse as claims deals with it."""
    return Partner(clearinghouse=clearinghouse, unneeded=unneeded, withheld=withheld_files, reading=read_again)


def effects(clearinghouse: Clearinghouse, settings: Settings) -> tuple[Effect[Any] | Poll | Timer, ...]:
    """Return everything that touches the world, bound to a clearinghouse."""
    world = _World(clearinghouse, settings)
    return (
        Timer(
            name="batches",
            every_seconds=settings.batch_every_seconds,
            due=world.batches,
            on=(ClaimAssembled, ClaimHoldReleased, ClaimResubmissionAsked, BatchTransmitted),
        ),
        world.sending("send", BatchQueued),
        world.sending("send_again", BatchRequeued),
        Timer(name="retries", every_seconds=settings.retry_after_seconds, due=world.retries),
        Poll(
            name="mailbox",
            every_seconds=settings.mailbox_every_seconds,
            fetch=world.mailbox,
            on=(BatchTransmitted,),
        ),
        *partner_of(clearinghouse).clearing_up(settings),
    )


def control_number_of(event: BatchQueued) -> tuple[str, int]:
    """Return the sequence and the number that a file took."""
    return _sequence(event.receiver_id), int(event.interchange_control_number)


def _sequence(receiver_id: str) -> str:
    return f"isa/{receiver_id}"


@dataclass(frozen=True, slots=True)
class _World:
    """The effects of one service."""

    clearinghouse: Clearinghouse
    settings: Settings

    def sending(self, name: str, on: type[BatchQueued | BatchRequeued]) -> Effect[Any]:
        """Return the effect that sends a file on an intent."""
        prepare = self.prepare if self.clearinghouse.prepares else None
        return Effect(name=name, on=on, prepare=prepare, attempt=self.attempt, act=self.send, probe=self.probe)

    async def prepare(self, event: BatchQueued | BatchRequeued, outside: Outside) -> str | None:
        """Return the temporary name under which the file lies at the clearinghouse, where it is laid there at all.

        One that cannot be laid there is attempted all the same: it fails, and is tried again after the pauses for that.
        """
        batch = await outside.row(BATCH_ROWS, event.batch_id)
        if batch is None or batch.status != "queued":
            return None  # it was attempted before, with what that attempt names
        parcel = Parcel(key=event.batch_id, temporary_name=self._laid_down(batch))
        try:
            return await self.clearinghouse.prepare(parcel, partial(outside.file, event.file_sha256))
        except NotSent:
            return None

    def _laid_down(self, batch: BatchRow) -> str | None:
        """Return the temporary name that the last attempt used here."""
        return batch.temporary_name if batch.attempt_channel == self.clearinghouse.channel else None

    def attempt(self, event: BatchQueued | BatchRequeued, now: datetime, temporary_name: str | None) -> AttemptBatch:
        """Return the fence."""
        channel = self.clearinghouse.channel
        return AttemptBatch(batch_id=event.batch_id, channel=channel, temporary_name=temporary_name, now=now)

    async def send(self, event: BatchQueued | BatchRequeued, outside: Outside, temporary_name: str | None) -> Work:
        """Hand a file in under its batch's id. **Errors**: `OutcomeUnknown`: the attempt stays without a result."""
        parcel = Parcel(key=event.batch_id, temporary_name=temporary_name)
        try:
            receipt = await self.clearinghouse.send(parcel, partial(outside.file, event.file_sha256))
        except NotSent as error:
            return _failed(event.batch_id, error.slug, retryable=True, now=outside.now())
        except SendRefused as error:
            return _failed(event.batch_id, error.slug, retryable=False, now=outside.now())
        return Work(commands=(RecordTransmission(batch_id=event.batch_id, receipt=receipt, now=outside.now()),))

    async def probe(self, event: BatchQueued | BatchRequeued, outside: Outside) -> Work | None:
        """Ask what became of a send without an answer; None as long as bytes may still be on their way.

        **Errors**: `OutcomeUnknown`, until it was asked long enough: then a person has to ask.
        """
        batch = await outside.row(BATCH_ROWS, event.batch_id)
        if batch is None or batch.attempted_at is None or batch.status != "attempted":
            return Work(commands=())  # it has a result: the intent was carried out before
        if batch.attempt_channel != self.clearinghouse.channel:
            return Work(commands=(RecordUnknown(batch_id=event.batch_id, reason="channel-changed", now=outside.now()),))
        try:
            return await self._asked(event, outside, batch.temporary_name, batch.attempted_at)
        except OutcomeUnknown:
            if outside.now() < batch.attempted_at + timedelta(seconds=self.settings.probe_seconds_max):
                raise
            return Work(commands=(RecordUnknown(batch_id=event.batch_id, reason="nobody-answered", now=outside.now()),))

    async def _asked(
        self, event: BatchQueued | BatchRequeued, outside: Outside, temporary_name: str | None, attempted_at: datetime
    ) -> Work | None:
        """Return what the clearinghouse says of a send. **Errors**: `OutcomeUnknown`."""
        match await self.clearinghouse.probe(Parcel(key=event.batch_id, temporary_name=temporary_name)):
            case Standing.READY:
                return await self.send(event, outside, temporary_name)
            case Standing.UNKNOWABLE:
                reason: Final = "temporary-name-swept"
                return Work(commands=(RecordUnknown(batch_id=event.batch_id, reason=reason, now=outside.now()),))
            case Standing.ABSENT:
                return self._absent(event, attempted_at, outside)
            case receipt:
                return Work(commands=(RecordTransmission(batch_id=event.batch_id, receipt=receipt, now=outside.now()),))

    def _absent(self, event: BatchQueued | BatchRequeued, attempted_at: datetime, outside: Outside) -> Work | None:
        """Return that a file did not arrive, once no byte of it can be on its way any more."""
        patience = timedelta(seconds=self.settings.unknown_after_seconds)
        if outside.now() < attempted_at + patience:
            return None
        return _failed(event.batch_id, "never-arrived", retryable=True, now=outside.now())

    async def retries(self, outside: Outside) -> AsyncIterator[Round]:
        """Let files whose sending failed be sent again, after a pause that doubles."""
        now = outside.now()
        yield [
            Work(commands=(RequeueBatch(batch_id=batch.batch_id, now=now),))
            for batch in await outside.rows(BATCH_ROWS, where={"status": "failed"})
            if batch.attempts < self.settings.attempts_max and self._retry_at(batch) <= now
        ]

    def _retry_at(self, batch: BatchRow) -> datetime:
        return batch.failures[-1].failed_at + self.settings.retry_after(batch.attempts)

    async def batches(self, outside: Outside) -> AsyncIterator[Round]:
        """Put ready claims into files: as soon as a file is full, or the oldest claim has waited long enough.

        While a file is on its way claims gather for the next one: a busy line sends fuller files, not more of them.
        """
        before: tuple[str, ...] = ()
        for _ in range(FILES_MAX):
            ready = await outside.rows(
                CLAIM_ROWS,
                where={"submission": "assembled", "adjudicated": False},
                rows_max=self.settings.batch_claims_max,
            )
            is_full = len(ready) >= self.settings.batch_claims_max
            claim_ids = tuple(row.claim_id for row in ready)
            if not ready or claim_ids == before or not (is_full or await self._is_due(ready, outside)):
                return
            before = claim_ids  # the same claims again: what they became was refused, so the next look tries anew
            claims = await _to_send(ready, outside)
            yield await self._file(claims, outside)
            if len(claims) > 1 and await self._all_ready(claims, outside):
                for claim in claims:  # the store refused their file: alone, one claim stops no other
                    yield await self._file((claim,), outside)

    async def _all_ready(self, claims: tuple[ClaimToSend, ...], outside: Outside) -> bool:
        """Return whether nothing became of some claims: neither a file nor a hold."""
        for claim in claims:
            row = await outside.row(CLAIM_ROWS, claim.claim_id)
            if row is None or row.submission != "assembled":
                return False
        return True

    async def _is_due(self, ready: tuple[ClaimRow, ...], outside: Outside) -> bool:
        oldest = min(row.ready_at for row in ready)
        if outside.now() < oldest + timedelta(seconds=self.settings.batch_wait_seconds):
            return False
        on_the_way = [await outside.rows(BATCH_ROWS, where={"status": status}, rows_max=1) for status in _ON_THE_WAY]
        return not any(on_the_way)

    async def _file(self, claims: tuple[ClaimToSend, ...], outside: Outside) -> Round:
        """Return the file of some claims; where one of them cannot be sent, a hold for it, and no file this time."""
        sender, now = self.settings.sender(), outside.now()
        written_at = now.astimezone(ZoneInfo(self.settings.sender_zone))
        number = await outside.number(_sequence(self.settings.receiver_id))
        try:
            written = write(claims, sender=sender, number=number, written_at=written_at)
        except Rejected:
            reasons = {claim.claim_id: why_not(claim, sender=sender, written_at=written_at) for claim in claims}
            if not any(reasons.values()):
                raise
            until_on = self.settings.policy().hold_until(now)
            return [
                Work(commands=(HoldClaim(claim_id=claim_id, reason=reason, until_on=until_on, now=now),))
                for claim_id, reason in reasons.items()
                if reason
            ]
        to = (self.settings.receiver_id, self.clearinghouse.channel)
        return [queue(claims, written, number=number, to=to, outside=outside)]

    async def mailbox(self, outside: Outside) -> AsyncIterator[Round]:
        """Read what came since the last look; each file once, whosever it is, and none passed over."""
        latest = await outside.row(MAILBOX, KEY)
        cursor = latest.cursor if latest else None
        for _ in range(PAGES_MAX):
            listing = await self.clearinghouse.list(cursor)
            left = False
            async for portion in portions(await _unseen(listing.files, outside), self.clearinghouse.fetch):
                go_on_from = listing.next if portion.is_last and not left else cursor
                contents = portion.contents
                read = [
                    await asyncio.to_thread(received, file, content, go_on_from, outside.now())
                    for file, content in portion.files
                ]
                yield [
                    *read,
                    *(withheld(file, contents[file], go_on_from, outside.now()) for file in portion.refused),
                ]
                refused = await _unseen(contents, outside)  # the store refused what these say
                if refused:
                    yield [unstorable(file, contents[file], go_on_from, outside.now()) for file in refused]
                    left = bool(await _unseen(refused, outside)) or left  # not even their names can be kept
            if left or not listing.files or listing.next in {None, cursor}:
                return  # a file that is left here must not be passed over: the next look begins with this listing
            cursor = listing.next


async def withheld_files(outside: Outside) -> list[MailboxFile]:
    """Return files that could not be had when they were listed."""
    return [
        MailboxFile(remote_id=row.remote_id, file_name=row.file_name)
        async for row in outside.every_row(RECEIVED_FILES, where={"kind": "unreadable"})
        if row.error_slug == FileRefused.slug
    ]


async def read_again(file: MailboxFile, content: bytes, outside: Outside) -> AsyncIterator[Round]:
    """Yield what a file becomes that can be had now; the mailbox counts as read up to where it was."""
    latest = await outside.row(MAILBOX, KEY)
    yield [await asyncio.to_thread(received, file, content, latest.cursor if latest else None, outside.now())]


async def unneeded(found: Leavings, before: datetime, outside: Outside) -> Leavings:
    """Return answers that were read before an instant, and uploads of files that arrived.

    What an open attempt names must lie there: were it gone, the file would count as delivered.
    """
    received = await outside.rows_by_key(RECEIVED_FILES, found.remote_ids) if found.remote_ids else {}
    batches = await outside.rows_by_key(BATCH_ROWS, {each.key for each in found.uploads}) if found.uploads else {}
    arrived = {key for key, batch in batches.items() if batch.status == "transmitted"}
    return Leavings(
        remote_ids=tuple(key for key, row in received.items() if row.kind == "acknowledgment" and row.seen_at < before),
        uploads=tuple(each for each in found.uploads if each.key in arrived),
    )


async def _unseen(files: Iterable[MailboxFile], outside: Outside) -> list[MailboxFile]:
    """Return the files that are not noted yet, in order."""
    listed = list(files)
    known = await outside.rows_by_key(RECEIVED_FILES, [file.remote_id for file in listed]) if listed else {}
    return [file for file in listed if file.remote_id not in known]


def _failed(batch_id: str, error_slug: str, *, retryable: bool, now: datetime) -> Work:
    return Work(commands=(RecordFailure(batch_id=batch_id, error_slug=error_slug, retryable=retryable, now=now),))


def queue(
    claims: tuple[ClaimToSend, ...], written: Written, *, number: int, to: tuple[str, str], outside: Outside
) -> Work:
    """Return the unit that fixes a file: its claims, its batch, its bytes, all or nothing. `to`: who, over what."""
    file = File(kind="837p", content=written.content)
    batch_id, now = outside.new_id(), outside.now()
    by_submission = {claim.submission_id: claim for claim in claims}
    queued = tuple(
        QueueClaim(
            claim_id=claim.claim_id,
            submission_id=claim.submission_id,
            batch_id=batch_id,
            patient_control_number=patient_control_number_of(claim.submission_id),
            coding_version=claim.coding_version,
            file_sha256=file.sha256,
            now=now,
        )
        for claim in claims
    )
    batched = tuple(
        BatchedClaim(
            claim_id=by_submission[submission_id].claim_id,
            submission_id=submission_id,
            patient_control_number=patient_control_number_of(submission_id),
            transaction_control_number=place,
        )
        for submission_id, place in written.places
    )
    batch = QueueBatch(
        batch_id=batch_id,
        receiver_id=to[0],
        channel=to[1],
        interchange_control_number=f"{number:09d}",
        group_control_number=str(number),
        file_sha256=file.sha256,
        claims=batched,
        now=now,
    )
    return Work(commands=(*queued, batch), files=(file,))


def received(entry: MailboxFile, content: bytes, cursor: str | None, now: datetime) -> Work:
    """Return the unit that notes a file of the mailbox, with its bytes unless they are somebody else's."""
    return _noted(entry, content, read(content), cursor, now)


def withheld(entry: MailboxFile, content: bytes, cursor: str | None, now: datetime) -> Work:
    """Return the unit that notes a file that cannot be had, for a person; once it changes it is another file."""
    return _noted(entry, content, Reading("unreadable", error_slug=FileRefused.slug), cursor, now)


def unstorable(entry: MailboxFile, content: bytes, cursor: str | None, now: datetime) -> Work:
    """Return the unit that keeps a file whose answers the store refused, for a person."""
    return _noted(entry, content, Reading("unreadable", error_slug="not-storable"), cursor, now)


def _noted(entry: MailboxFile, content: bytes, reading: Reading, cursor: str | None, now: datetime) -> Work:
    file = File(kind=_file_kind(reading.answers), content=content)
    command = ReceiveFile(
        file_sha256=file.sha256,
        remote_id=entry.remote_id,
        file_name=entry.file_name.replace("\x00", "")[:_FILE_NAME_MAX],
        size_bytes=len(content),
        cursor=cursor,
        kind=reading.kind,
        answers=reading.answers,
        error_slug=reading.error_slug,
        now=now,
    )
    return Work(commands=(command,), files=() if reading.kind == "not-ours" else (file,))


def _file_kind(answers: Answers | None) -> str:
    """Return what a file is called among the stored ones: by the answers that say most."""
    if answers is None:
        return "unreadable"
    return "277ca" if answers.claims else "999" if answers.sets else "ta1"


async def _to_send(ready: Sequence[ClaimRow], outside: Outside) -> tuple[ClaimToSend, ...]:
    """Return the claims of a file with everyone who stands on them, asked for together."""
    patients = await outside.rows_by_key(PATIENTS, {row.patient_id for row in ready})
    coverages = await outside.rows_by_key(COVERAGES, {row.coverage_id for row in ready})
    payers = await outside.rows_by_key(PAYERS, {row.payer_id for row in ready})
    rendering = {row.rendering_provider_id for row in ready if row.rendering_provider_id}
    providers = await outside.rows_by_key(PROVIDERS, rendering | {row.billing_provider_id for row in ready})
    named = {line.authorization_id for row in ready for line in row.authorizations}
    authorizations = await outside.rows_by_key(AUTHORIZATIONS, named) if named else {}
    return tuple(
        ClaimToSend(
            claim_id=row.claim_id,
            submission_id=outside.new_id(),
            coding_version=row.coding_version,
            diagnoses=row.diagnoses,
            lines=row.lines,
            priced=row.priced,
            place_of_service=row.place_of_service,
            patient=patients[row.patient_id],
            coverage=coverages[row.coverage_id],
            payer=payers[row.payer_id],
            billing_provider=providers[row.billing_provider_id],
            rendering_provider=providers.get(row.rendering_provider_id) if row.rendering_provider_id else None,
            authorizations={line.line_no: authorizations[line.authorization_id] for line in row.authorizations},
        )
        for row in ready
    )
