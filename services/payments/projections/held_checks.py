"""Which checks were read and are held until a claim is posted: asked with every posting on a claim."""

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from services.payments.domain.remittance_facts import QuarantineEnded, RemittanceQuarantined
from shared.kernel.projection import Projection
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True)
class HeldChecks:
    """One row: what waits for the next posting on a claim.

    **Shape**: keyed as `waits_for_claim` and `waits_for_number` say; ids in their order, as checks come in any.
    """

    remittance_ids: tuple[str, ...]


Fact: TypeAlias = RemittanceQuarantined | QuarantineEnded


def waits_for_claim(claim_id: str) -> str:
    """Return the key of what waits for a claim."""
    return f"claim/{claim_id}"


def waits_for_number(patient_control_number: str) -> str:
    """Return the key of what waits for whatever claim a control number means."""
    return f"number/{patient_control_number}"


def keys(event: Fact) -> tuple[str, ...]:
    """Return what a check waits for, or waited for."""
    return event.waits_for


def apply(row: HeldChecks | None, event: Fact) -> HeldChecks | None:
    """Return what waits after a fact; None when nothing does."""
    others = {*row.remittance_ids} - {event.remittance_id} if row else set()
    match event:
        case RemittanceQuarantined():
            return HeldChecks(tuple(sorted({*others, event.remittance_id})))
        case QuarantineEnded():
            return HeldChecks(tuple(sorted(others))) if others else None
        case _:
            assert_never(event)


HELD_CHECKS: Final[Projection[HeldChecks, Fact]] = Projection(
    name="held_checks", version=1, source="own", row=HeldChecks, events=members(Fact), keys=keys, apply=apply
)
