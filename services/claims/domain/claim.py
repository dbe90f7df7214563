"""A claim: one request to one payer, from its assembly to the payer's decision.

Owns: its holds, submissions, and what was answered before adjudication. Refuses: the form of its content
(`claim_content.py`), money (payments decides what a payer did), bytes (`claim_837.py`), files (`batch.py`). Each
submission has its own patient control number; a rejected claim that is mended goes out as a new original, never as an
edit of the old one. Next: `assembly.py` makes claims.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.claims.domain.claim_content import AssembleClaim, authorizations_noted, content
from services.claims.domain.claim_facts import (
    ClaimAdjudicated,
    ClaimAuthorizationsNoted,
    ClaimQueued,
    ClaimResubmissionAsked,
    CodingChangedAfterSubmission,
    Decided,
)
from shared.events.claims import (
    ClaimAccepted,
    ClaimAcknowledged,
    ClaimAssembled,
    ClaimEvent,
    ClaimHeld,
    ClaimHoldReleased,
    ClaimPriced,
    ClaimRejected,
    ClaimSubmitted,
    Level,
)
from shared.events.validation import AuthorizedLine
from shared.kernel.decider import Decider, Name
from shared.kernel.errors import NotFound, Rejected
from shared.kernel.unions import members

Fact: TypeAlias = (
    ClaimEvent
    | ClaimAuthorizationsNoted
    | ClaimQueued
    | CodingChangedAfterSubmission
    | ClaimAdjudicated
    | ClaimResubmissionAsked
)
Stage: TypeAlias = Literal["ready", "queued", "submitted", "acknowledged", "accepted", "rejected"]
AnswerKind: TypeAlias = Literal["acknowledged", "accepted", "rejected"]
_RANK: Final[tuple[Stage, ...]] = ("ready", "queued", "submitted", "acknowledged", "accepted", "rejected")
CODES_CHANGED: Final = "codes-changed"
"""Reason of a hold that ends by itself: newer codes exist, and are not validated yet."""
CODES_REJECTED: Final = "codes-rejected"
"""Reason of a hold that ends by itself: the claim's codes were validated, and then rejected."""
CODES_HOLDS: Final = frozenset({CODES_CHANGED, CODES_REJECTED})
PAID_MEANWHILE: Final = "paid-meanwhile"
"""Reason of a hold that never ends: the payer decided on an earlier sending while the claim was to go out again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldClaim:
    """Keep a claim from going out.

    **Shape**: with `newer_coding_version`, only where the claim has an older one; with `rejected_coding_version`, only
    where it has that or an older one. A hold for codes stands beside one for another reason.
    """

    claim_id: str
    reason: str
    newer_coding_version: int | None = None
    rejected_coding_version: int | None = None
    until_on: date | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldByHand:
    """Keep a claim from going out because a person says so. **Shape**: it stays held until somebody releases it."""

    claim_id: str
    reason: str
    until_on: date | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHold:
    """Let a held claim go out."""

    claim_id: str
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResubmitClaim:
    """Let a rejected claim go out again with the codes that it has. **Shape**: `newest_coding_version` of all known."""

    claim_id: str
    newest_coding_version: int
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueClaim:
    """Put a claim into a file. **Shape**: `coding_version` is what the file's bytes were made from."""

    claim_id: str
    submission_id: str
    batch_id: str
    patient_control_number: str
    coding_version: int
    file_sha256: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitClaim:
    """Note that the receiver has the file."""

    claim_id: str
    submission_id: str
    interchange_control_number: str
    group_control_number: str
    transaction_control_number: str
    file_sha256: str
    channel: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAnswer:
    """Note what the front end said of a submission."""

    claim_id: str
    submission_id: str
    kind: AnswerKind
    level: Level
    status_codes: tuple[str, ...]
    payer_claim_number: str | None
    file_sha256: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAdjudication:
    """Note that payments posted a payer's decision."""

    claim_id: str
    submission_id: str
    remittance_id: str
    decision: Decided
    now: datetime


Command: TypeAlias = (
    AssembleClaim
    | HoldClaim
    | HoldByHand
    | ReleaseHold
    | ResubmitClaim
    | QueueClaim
    | SubmitClaim
    | RecordAnswer
    | RecordAdjudication
)


class Submission(Struct, frozen=True, kw_only=True, gc=False):
    """One sending of the claim. **Shape**: `answers` are those recorded, so that a repeat adds nothing."""

    submission_id: str
    patient_control_number: str
    submitted: bool = False
    answers: frozenset[tuple[str, ...]] = frozenset()


class Claim(Struct, frozen=True, kw_only=True, gc=False):
    """A claim; `None` in its place means that it was not assembled.

    **Shape**: `stage` speaks of the current submission, the last of `submissions`, and begins anew with new codes.
    `noticed_version` is the newest set of codes that came too late for it. `codes_hold` is a hold that validated codes
    end, `hold` one that a person ends; both may stand. `authorizations` are the consents that it names.
    """

    patient_id: str
    payer_id: str
    encounter_ids: tuple[str, ...]
    coding_version: int
    charge_cents: int = 0
    stage: Stage = "ready"
    hold: str | None = None
    codes_hold: str | None = None
    submissions: tuple[Submission, ...] = ()
    noticed_version: int = 0
    adjudicated_by: frozenset[str] = frozenset()
    authorizations: tuple[AuthorizedLine, ...] = ()

    def may_change(self) -> bool:
        """Return whether new codes may replace the old: nobody has the claim, or nobody will decide on it."""
        return self.stage in {"ready", "rejected"} and not self.adjudicated_by

    def may_go(self) -> bool:
        """Return whether the claim may be put into a file: nothing holds it, and nobody decided on it."""
        return self.stage == "ready" and not (self.hold or self.codes_hold or self.adjudicated_by)


class ClaimNotFound(NotFound):
    """No claim has this id."""

    slug = "claim-not-found"


class ClaimNotHeld(Rejected):
    """Only a held claim can be released."""

    slug = "claim-not-held"


class ClaimCannotBeHeld(Rejected):
    """Only a claim that has not gone out, and that nothing holds yet, can be held, and not for a reason of ours."""

    slug = "claim-cannot-be-held"


class ClaimNotRejected(Rejected):
    """Only a claim that the front end rejected, and that no payer decided on, can go out again."""

    slug = "claim-not-rejected"


class NewerCodesPending(Rejected):
    """Codes that are not validated, or newer ones, keep a claim from going out with the codes that it has."""

    slug = "newer-codes-pending"


class ClaimDecided(Rejected):
    """A payer decided on an earlier sending of the claim: it does not go out again."""

    slug = "claim-decided"


class ClaimNotReady(Rejected):
    """A claim goes into a file once, unheld, undecided, with the content that the bytes have."""

    slug = "claim-not-ready"


def decide(claim: Claim | None, command: Command) -> tuple[Fact, ...]:  # noqa: PLR0911 (one per command)
    """Return the facts that a command adds; none for a repeat, or for news of a claim or submission that is not ours.

    **Errors**: `ClaimNotFound`, `ClaimNotHeld`, `ClaimCannotBeHeld`, `ClaimNotReady`, `ClaimNotRejected`,
    `NewerCodesPending`, `ClaimDecided`.
    """
    match command:
        case AssembleClaim():
            return _assemble(claim, command)
        case HoldClaim():
            return _hold(claim, command)
        case HoldByHand():
            return _hold_by_hand(claim, command)
        case ReleaseHold():
            return _release(claim, command)
        case ResubmitClaim():
            return _resubmit(claim, command)
        case QueueClaim():
            return _queue(claim, command)
        case SubmitClaim():
            return _submit(claim, command)
        case RecordAnswer():
            return _answer(claim, command)
        case RecordAdjudication():
            return _adjudicate(claim, command)
        case _:
            assert_never(command)


def _assemble(claim: Claim | None, command: AssembleClaim) -> tuple[Fact, ...]:
    if claim is None:
        return (*content(command, replaced_cents=None), *_held(command, None))
    released = ClaimHoldReleased(claim_id=command.claim_id, reason="codes-validated", released_at=command.now)
    if command.coding_version <= max(claim.coding_version, 0 if claim.may_change() else claim.noticed_version):
        if command.coding_version != claim.coding_version:
            return ()
        return (*((released,) if claim.codes_hold == CODES_REJECTED else ()), *_authorized(claim, command))
    if not claim.may_change():
        return (
            CodingChangedAfterSubmission(
                claim_id=command.claim_id,
                patient_id=command.patient_id,
                coding_version=command.coding_version,
                noticed_at=command.now,
            ),
        )
    ended = (released,) if claim.codes_hold else ()
    return (*ended, *content(command, replaced_cents=claim.charge_cents), *_held(command, claim.hold))


def _authorized(claim: Claim, command: AssembleClaim) -> tuple[ClaimAuthorizationsNoted, ...]:
    """Return that a claim with the same codes names other consents, unless somebody has it or decided on it."""
    if command.authorizations == claim.authorizations or not claim.may_change():
        return ()
    return (authorizations_noted(command),)


def _held(command: AssembleClaim, held: str | None) -> tuple[Fact, ...]:
    if command.hold is None or held:
        return ()
    return (_hold_fact(command.claim_id, command.hold, command.hold_until_on, command.now),)


def _hold_fact(claim_id: str, reason: str, until_on: date | None, now: datetime) -> ClaimHeld:
    owner = "coder" if reason in CODES_HOLDS else "biller"
    return ClaimHeld(claim_id=claim_id, reason=reason, owner=owner, until_on=until_on, held_at=now)


def _hold(claim: Claim | None, command: HoldClaim) -> tuple[Fact, ...]:
    if claim is None or claim.stage != "ready":
        return ()
    newer, rejected = command.newer_coding_version, command.rejected_coding_version
    held = claim.codes_hold if command.reason in CODES_HOLDS else claim.hold
    if held or (newer and newer <= claim.coding_version) or (rejected and rejected < claim.coding_version):
        return ()
    return (_hold_fact(command.claim_id, command.reason, command.until_on, command.now),)


def _hold_by_hand(claim: Claim | None, command: HoldByHand) -> tuple[Fact, ...]:
    if claim is None:
        raise ClaimNotFound("no claim has this id")
    if command.reason in {*CODES_HOLDS, PAID_MEANWHILE}:
        raise ClaimCannotBeHeld("this reason is for holds that begin by themselves: give another one")
    if claim.stage != "ready":
        raise ClaimCannotBeHeld("the claim has gone out, or is in a file that goes out")
    if claim.hold:
        raise ClaimCannotBeHeld("the claim is held already")
    return (_hold_fact(command.claim_id, command.reason, command.until_on, command.now),)


def _release(claim: Claim | None, command: ReleaseHold) -> tuple[Fact, ...]:
    if claim is None:
        raise ClaimNotFound("no claim has this id")
    if claim.hold is None and claim.codes_hold is None:
        raise ClaimNotHeld("the claim is not held")
    if claim.codes_hold:
        raise NewerCodesPending("the claim's codes were replaced or rejected, and no newer ones are validated")
    if claim.adjudicated_by:
        raise ClaimDecided("a payer decided on the claim")
    return (ClaimHoldReleased(claim_id=command.claim_id, reason=command.reason, released_at=command.now),)


def _resubmit(claim: Claim | None, command: ResubmitClaim) -> tuple[Fact, ...]:
    if claim is None:
        raise ClaimNotFound("no claim has this id")
    if claim.stage != "rejected" or claim.adjudicated_by:
        raise ClaimNotRejected("the claim was not rejected, or a payer decided on it")
    if command.newest_coding_version > claim.coding_version:
        raise NewerCodesPending("newer codes exist, and are not on the claim yet")
    return (
        ClaimResubmissionAsked(
            claim_id=command.claim_id,
            patient_id=claim.patient_id,
            coding_version=claim.coding_version,
            asked_at=command.now,
        ),
    )


def _queue(claim: Claim | None, command: QueueClaim) -> tuple[Fact, ...]:
    if claim is None or not claim.may_go() or claim.coding_version != command.coding_version:
        raise ClaimNotReady("the claim is held, under way, decided on, or has other codes by now")
    return (
        ClaimQueued(
            claim_id=command.claim_id,
            patient_id=claim.patient_id,
            submission_id=command.submission_id,
            batch_id=command.batch_id,
            patient_control_number=command.patient_control_number,
            coding_version=command.coding_version,
            file_sha256=command.file_sha256,
            queued_at=command.now,
        ),
    )


def _submission(claim: Claim | None, submission_id: str) -> Submission | None:
    if claim is None:
        return None
    return next((each for each in claim.submissions if each.submission_id == submission_id), None)


def _submit(claim: Claim | None, command: SubmitClaim) -> tuple[Fact, ...]:
    submission = _submission(claim, command.submission_id)
    if claim is None or submission is None or submission.submitted:
        return ()
    return (
        ClaimSubmitted(
            claim_id=command.claim_id,
            submission_id=command.submission_id,
            patient_id=claim.patient_id,
            payer_id=claim.payer_id,
            encounter_ids=claim.encounter_ids,
            frequency="1",
            patient_control_number=submission.patient_control_number,
            charge_cents=claim.charge_cents,
            interchange_control_number=command.interchange_control_number,
            group_control_number=command.group_control_number,
            transaction_control_number=command.transaction_control_number,
            file_sha256=command.file_sha256,
            channel=command.channel,
            submitted_at=command.now,
        ),
    )


def _answer(claim: Claim | None, command: RecordAnswer) -> tuple[Fact, ...]:
    submission = _submission(claim, command.submission_id)
    if claim is None or submission is None or _said(command.kind, command) in submission.answers:
        return ()
    match command.kind:
        case "acknowledged":
            return (
                ClaimAcknowledged(
                    claim_id=command.claim_id,
                    submission_id=command.submission_id,
                    level=command.level,
                    status_codes=command.status_codes,
                    file_sha256=command.file_sha256,
                    acknowledged_at=command.now,
                ),
            )
        case "accepted":
            return (
                ClaimAccepted(
                    claim_id=command.claim_id,
                    submission_id=command.submission_id,
                    level=command.level,
                    status_codes=command.status_codes,
                    payer_claim_number=command.payer_claim_number,
                    file_sha256=command.file_sha256,
                    accepted_at=command.now,
                ),
            )
        case "rejected":
            return (
                ClaimRejected(
                    claim_id=command.claim_id,
                    submission_id=command.submission_id,
                    encounter_ids=claim.encounter_ids,
                    level=command.level,
                    status_codes=command.status_codes,
                    owner="biller",
                    file_sha256=command.file_sha256,
                    rejected_at=command.now,
                ),
            )
        case _:
            assert_never(command.kind)


def _adjudicate(claim: Claim | None, command: RecordAdjudication) -> tuple[Fact, ...]:
    if claim is None or command.remittance_id in claim.adjudicated_by:
        return ()
    adjudicated = ClaimAdjudicated(
        claim_id=command.claim_id,
        patient_id=claim.patient_id,
        submission_id=command.submission_id,
        remittance_id=command.remittance_id,
        decision=command.decision,
        noted_at=command.now,
    )
    if claim.stage != "ready" or claim.hold == PAID_MEANWHILE:
        return (adjudicated,)
    return adjudicated, _hold_fact(command.claim_id, PAID_MEANWHILE, None, command.now)


def evolve(  # noqa: C901, PLR0911, PLR0912 (one branch per fact)
    claim: Claim | None, event: Fact
) -> Claim | None:
    """Return the state after a stored fact. Nothing comes of facts about a claim that was never assembled."""
    if isinstance(event, ClaimAssembled):
        return _assembled(claim, event)
    if claim is None:
        return None
    match event:
        case ClaimPriced():
            return replace(claim, charge_cents=event.charge_cents)
        case ClaimHeld():
            codes = event.reason in CODES_HOLDS
            return replace(claim, codes_hold=event.reason) if codes else replace(claim, hold=event.reason)
        case ClaimHoldReleased():  # a hold for codes ends first: until then nobody can end the other
            return replace(claim, codes_hold=None) if claim.codes_hold else replace(claim, hold=None)
        case ClaimAuthorizationsNoted():
            return replace(claim, authorizations=event.authorizations)
        case ClaimResubmissionAsked():
            return replace(claim, stage="ready")
        case ClaimQueued():
            queued = Submission(submission_id=event.submission_id, patient_control_number=event.patient_control_number)
            return replace(claim, stage="queued", submissions=(*claim.submissions, queued))
        case ClaimSubmitted():
            return _moved(claim, event.submission_id, "submitted", None)
        case ClaimAcknowledged():
            return _moved(claim, event.submission_id, "acknowledged", event)
        case ClaimAccepted():
            return _moved(claim, event.submission_id, "accepted", event)
        case ClaimRejected():
            return _moved(claim, event.submission_id, "rejected", event)
        case CodingChangedAfterSubmission():
            return replace(claim, noticed_version=event.coding_version)
        case ClaimAdjudicated():
            return replace(claim, adjudicated_by=claim.adjudicated_by | {event.remittance_id})
        case _:
            assert_never(event)


def _assembled(claim: Claim | None, event: ClaimAssembled) -> Claim:
    fresh = Claim(
        patient_id=event.patient_id,
        payer_id=event.payer_id,
        encounter_ids=event.encounter_ids,
        coding_version=event.coding_version,
    )
    if claim is None:
        return fresh
    return replace(
        fresh,
        hold=claim.hold,
        codes_hold=claim.codes_hold,
        submissions=claim.submissions,
        adjudicated_by=claim.adjudicated_by,
    )


def _moved(
    claim: Claim, submission_id: str, stage: Stage, answer: ClaimAcknowledged | ClaimAccepted | ClaimRejected | None
) -> Claim:
    """Return the claim after news of a submission: it only ever gets further, and only the current one moves the claim.

    So news may come in any order. A rejection is the end of a submission, whatever else is said of it.
    """
    submissions = tuple(
        _told(each, stage, answer) if each.submission_id == submission_id else each for each in claim.submissions
    )
    current = claim.stage != "ready" and claim.submissions[-1:] and claim.submissions[-1].submission_id == submission_id
    further = current and _RANK.index(stage) > _RANK.index(claim.stage)
    return replace(claim, submissions=submissions, stage=stage if further else claim.stage)


def _told(
    submission: Submission, stage: Stage, answer: ClaimAcknowledged | ClaimAccepted | ClaimRejected | None
) -> Submission:
    if answer is None:
        return replace(submission, submitted=True)
    return replace(submission, answers=submission.answers | {_said(stage, answer)})


def _said(stage: str, answer: RecordAnswer | ClaimAcknowledged | ClaimAccepted | ClaimRejected) -> tuple[str, ...]:
    """Return what makes an answer the same as another one: stage, level, file and codes."""
    return (stage, answer.level, answer.file_sha256, *answer.status_codes)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per claim."""
    return f"claim-{command.claim_id}"


def names(event: Fact) -> tuple[Name, ...]:
    """Return what a fact reserves: no two submissions of anybody have the same patient control number."""
    if isinstance(event, ClaimQueued):
        return (Name("patient_control_number", event.patient_control_number),)
    return ()


CLAIMS: Final[Decider[Claim | None, Command, Fact]] = Decider(
    commands=members(Command),
    events=members(Fact),
    stream=stream,
    initial=None,
    decide=decide,
    evolve=evolve,
    names=names,
)
