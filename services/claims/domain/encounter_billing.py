"""What becomes of one encounter: a claim, the patient's own bill, a question for a person, or it waits.

Owns: that an encounter is billed once per set of codes, and what it waits for until then. Refuses: to gather facts
(`assembly.py` says what they amount to) and the claim itself (`claim.py`, decided in the same unit).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, assert_never

from msgspec import Meta

from shared.events.claims import EncounterReleasedToSelfPay, PricedLine
from shared.events.coding import CodingVersion
from shared.events.envelope import Event
from shared.kernel.dates import Instant
from shared.kernel.decider import Decider
from shared.kernel.errors import Rejected
from shared.kernel.identifiers import ClaimId, EncounterId, PatientId, PayerId
from shared.kernel.unions import members

Things = Annotated[
    tuple[str, ...],
    Meta(description="Facts by kind and id.", examples=[["payer/0190f3c2-0000-7000-8000-000000000003"]]),
]


class EncounterBillingWaiting(Event, frozen=True, kw_only=True):
    """An encounter could be billed, were it not for facts of others. **Moment**: the gap is found, or is another one.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: CodingVersion
    missing: Things
    waiting_at: Instant


class BillingFactsArrived(Event, frozen=True, kw_only=True):
    """An encounter does not wait for some facts any more. **Moment**: they came, or do not matter now.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    arrived: Things
    arrived_at: Instant


class EncounterBilled(Event, frozen=True, kw_only=True):
    """It is settled who is asked to pay for an encounter. **Moment**: all facts known. **Key**: `encounter_id`.

    **Versions**: 1 (2026-11). **Private**: `ClaimAssembled` or `EncounterReleasedToSelfPay` tells others.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: CodingVersion
    claim_id: Annotated[ClaimId | None, Meta(description="The claim; none: the patient pays.")]
    payer_id: Annotated[PayerId | None, Meta(description="Who is asked; none: the patient pays.")]
    billed_at: Instant


class EncounterHeld(Event, frozen=True, kw_only=True):
    """Somebody must say what becomes of an encounter. **Moment**: no payer by setting, or a gap in the documentation.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: CodingVersion
    reason: Annotated[str, Meta(description="Why, a slug.", examples=["no-coverage"])]
    held_at: Instant


class BillingAskedAgain(Event, frozen=True, kw_only=True):
    """Somebody mended what an encounter was held for: it is looked at anew. **Moment**: a person says so.

    **Key**: `encounter_id`. **Versions**: 1 (2026-11). **Private**.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    asked_at: Instant


class CodingChangedAfterRelease(Event, frozen=True, kw_only=True):
    """Codes changed after the patient was asked to pay. **Moment**: new codes validated. **Key**: `encounter_id`.

    **Versions**: 1 (2026-11). **Private**: the patient's account is a person's work, charges are never added twice.
    """

    key: ClassVar[str] = "encounter_id"
    encounter_id: EncounterId
    patient_id: PatientId
    coding_version: CodingVersion
    noticed_at: Instant


BillingEvent: TypeAlias = (
    EncounterBillingWaiting
    | BillingFactsArrived
    | EncounterBilled
    | EncounterHeld
    | BillingAskedAgain
    | CodingChangedAfterRelease
    | EncounterReleasedToSelfPay
)


@dataclass(frozen=True, slots=True)
class Waits:
    """Facts are missing; `missing` names them."""

    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToPayer:
    """A payer is asked, by a claim."""

    claim_id: str
    payer_id: str


@dataclass(frozen=True, slots=True)
class ToPatient:
    """The patient is asked for the charges of these lines."""

    lines: tuple[PricedLine, ...]


@dataclass(frozen=True, slots=True)
class ToPerson:
    """Somebody must look, for a reason."""

    reason: str


Outcome: TypeAlias = Waits | ToPayer | ToPatient | ToPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class BillEncounter:
    """Let an encounter become what its facts amount to, as far as they are known."""

    encounter_id: str
    patient_id: str
    coding_version: int
    outcome: Outcome
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAgain:
    """Look anew at a held encounter."""

    encounter_id: str
    now: datetime


Command: TypeAlias = BillEncounter | AskAgain
SettledAs: TypeAlias = Literal["claim", "self-pay", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """One encounter. **Shape**: `coding_version` is that of the last settlement, 0 before the first and anew."""

    patient_id: str = ""
    coding_version: int = 0
    settled_as: SettledAs | None = None
    missing: tuple[str, ...] = ()


class EncounterNotHeld(Rejected):
    """Only a held encounter can be looked at anew."""

    slug = "encounter-not-held"


def decide(billing: Billing, command: Command) -> tuple[BillingEvent, ...]:
    """Return what changes: nothing for codes that were settled before, whatever is said of them now.

    **Errors**: `EncounterNotHeld`.
    """
    match command:
        case BillEncounter():
            return _bill(billing, command)
        case AskAgain():
            return (_ask_again(billing, command),)
        case _:
            assert_never(command)


def _ask_again(billing: Billing, command: AskAgain) -> BillingAskedAgain:
    if billing.settled_as != "held":
        raise EncounterNotHeld("the encounter is not held")
    return BillingAskedAgain(encounter_id=command.encounter_id, patient_id=billing.patient_id, asked_at=command.now)


def _bill(billing: Billing, command: BillEncounter) -> tuple[BillingEvent, ...]:
    if command.coding_version <= billing.coding_version:
        return ()
    match command.outcome:
        case Waits(missing):
            return _wait(billing, command, missing)
        case ToPayer() | ToPatient() | ToPerson() as outcome:
            return (*_wait(billing, command, ()), *_settle(billing, command, outcome))
        case _:
            assert_never(command.outcome)


def _wait(billing: Billing, command: BillEncounter, missing: tuple[str, ...]) -> tuple[BillingEvent, ...]:
    arrived = tuple(thing for thing in billing.missing if thing not in missing)
    came = BillingFactsArrived(
        encounter_id=command.encounter_id, patient_id=command.patient_id, arrived=arrived, arrived_at=command.now
    )
    waiting = EncounterBillingWaiting(
        encounter_id=command.encounter_id,
        patient_id=command.patient_id,
        coding_version=command.coding_version,
        missing=missing,
        waiting_at=command.now,
    )
    grown = set(missing) - set(billing.missing)
    return (*((came,) if arrived else ()), *((waiting,) if grown else ()))


def _settle(
    billing: Billing, command: BillEncounter, outcome: ToPayer | ToPatient | ToPerson
) -> tuple[BillingEvent, ...]:
    if billing.settled_as == "self-pay":
        return (
            CodingChangedAfterRelease(
                encounter_id=command.encounter_id,
                patient_id=command.patient_id,
                coding_version=command.coding_version,
                noticed_at=command.now,
            ),
        )
    match outcome:
        case ToPayer(claim_id, payer_id):
            return (_billed(command, claim_id, payer_id),)
        case ToPatient(lines):
            released = EncounterReleasedToSelfPay(
                encounter_id=command.encounter_id,
                patient_id=command.patient_id,
                lines=lines,
                charge_cents=sum(line.charge_cents for line in lines),
                reason="no-coverage",
                released_at=command.now,
            )
            return _billed(command, None, None), released
        case ToPerson(reason):
            return (
                EncounterHeld(
                    encounter_id=command.encounter_id,
                    patient_id=command.patient_id,
                    coding_version=command.coding_version,
                    reason=reason,
                    held_at=command.now,
                ),
            )
        case _:
            assert_never(outcome)


def _billed(command: BillEncounter, claim_id: str | None, payer_id: str | None) -> EncounterBilled:
    return EncounterBilled(
        encounter_id=command.encounter_id,
        patient_id=command.patient_id,
        coding_version=command.coding_version,
        claim_id=claim_id,
        payer_id=payer_id,
        billed_at=command.now,
    )


def evolve(billing: Billing, event: BillingEvent) -> Billing:  # noqa: PLR0911 (one per fact)
    """Return the state after a stored fact."""
    match event:
        case EncounterBillingWaiting():
            return replace(billing, missing=event.missing)
        case BillingFactsArrived():
            return replace(billing, missing=tuple(thing for thing in billing.missing if thing not in event.arrived))
        case EncounterBilled():
            settled_as: SettledAs = "claim" if event.claim_id else "self-pay"
            return Billing(coding_version=event.coding_version, settled_as=settled_as)
        case EncounterHeld():
            return Billing(patient_id=event.patient_id, coding_version=event.coding_version, settled_as="held")
        case BillingAskedAgain():
            return Billing()
        case CodingChangedAfterRelease():
            return replace(billing, coding_version=event.coding_version)
        case EncounterReleasedToSelfPay():
            return billing
        case _:
            assert_never(event)


def stream(command: Command) -> str:
    """Return the history that a command is decided on: one per encounter, so that it is not billed twice."""
    return f"encounter_billing-{command.encounter_id}"


ENCOUNTER_BILLINGS: Final[Decider[Billing, Command, BillingEvent]] = Decider(
    commands=members(Command),
    events=members(BillingEvent),
    stream=stream,
    initial=Billing(),
    decide=decide,
    evolve=evolve,
)
