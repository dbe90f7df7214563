"""Which claim payments wait for the claim that has their control number: asked when a claim is submitted."""

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from services.payments.domain.remittance_facts import RemittanceClaimMatched, RemittanceClaimUnmatched
from shared.kernel.projection import Projection
from shared.kernel.unions import members


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment without a claim."""

    remittance_id: str
    index: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """One row: what waits under a number. **Shape**: keyed by patient control number."""

    patient_control_number: str
    payments: tuple[Waiting, ...]


Fact: TypeAlias = RemittanceClaimMatched | RemittanceClaimUnmatched


def keys(event: Fact) -> tuple[str, ...]:
    """Return the number that a fact is about."""
    return (event.patient_control_number,)


def apply(row: Unmatched | None, event: Fact) -> Unmatched | None:
    """Return what waits under the number after a fact; None when nothing does."""
    payment = Waiting(event.remittance_id, event.index)
    others = tuple(each for each in row.payments if each != payment) if row else ()
    match event:
        case RemittanceClaimUnmatched():
            return Unmatched(event.patient_control_number, (*others, payment))
        case RemittanceClaimMatched():
            return Unmatched(event.patient_control_number, others) if others else None
        case _:
            assert_never(event)


UNMATCHED: Final[Projection[Unmatched, Fact]] = Projection(
    name="unmatched", version=1, source="own", row=Unmatched, events=members(Fact), keys=keys, apply=apply
)
