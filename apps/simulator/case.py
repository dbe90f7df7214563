"""One claim in the house: who sent it, who decides it, what it meets, and how far it is.

Owns: the record that answers, checks, inquiries and the page are made from. What is in claims that are done with lies
in the attic, for the day on which somebody asks about one, or corrects it.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from apps.simulator.adjudication import Decided
from apps.simulator.attic import Attic
from apps.simulator.inbound import Address
from apps.simulator.scenario import Scenario
from shared.x12.claim_status import Status
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim


class State(StrEnum):
    """How far a claim is."""

    REJECTED = "rejected"
    WAITING = "waiting"
    PENDED = "pended"
    PAID = "paid"
    DENIED = "denied"
    VOIDED = "voided"


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What the attic has of a claim: it alone, or the decision on it."""

    claim: ProfessionalClaim | None
    decided: Decided | None


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Kept)


@dataclass(slots=True)
class Case:
    """A claim that came, with the payer's number of it once it was accepted.

    **Shape**: `level` says who rejected it: interchange, set, clearinghouse or payer; `status_code` how (IK502, STC01);
    `rejected_with` the whole status, where there is one; `is_repeated` where it was billed before; the
    rest is what holds now.
    """

    scenario: Scenario
    address: Address
    received_on: date
    number: str
    payer_id: str
    member_id: str = field(repr=False)
    charge_cents: int
    _attic: Attic = field(repr=False, compare=False)
    _held: ProfessionalClaim | Decided | int = field(repr=False, compare=False)
    """What is worked on, or its place in the attic."""
    payer_claim_number: str = ""
    state: State = State.WAITING
    level: str = ""
    status_code: str = ""
    rejected_with: Status | None = None
    is_repeated: bool = False
    paid_cents: int = 0
    decided_on: date | None = None
    trace_number: str = ""
    payment_method: str = ""

    @classmethod
    def of(
        cls, claim: ProfessionalClaim, scenario: Scenario, address: Address, received_on: date, attic: Attic
    ) -> "Case":
        """Return the case of a claim that came."""
        return cls(
            scenario=scenario,
            address=address,
            received_on=received_on,
            number=claim.patient_control_number,
            payer_id=claim.payer.payer_id,
            member_id=claim.subscriber.member_id,
            charge_cents=claim.charge_cents,
            _attic=attic,
            _held=claim,
        )

    @property
    def claim(self) -> ProfessionalClaim:
        """Return the claim."""
        return self.claim_and_decided[0]

    @property
    def decided(self) -> Decided | None:
        """Return the decision that holds, None before there is one."""
        return self.claim_and_decided[1]

    @property
    def claim_and_decided(self) -> tuple[ProfessionalClaim, Decided | None]:
        """Return both as they are at one moment: pages are made while payers decide."""
        held = self._held
        if not isinstance(held, int):
            return (held.claim, held) if isinstance(held, Decided) else (held, None)
        kept = _DECODER.decode(self._attic.get(held))
        claim = kept.decided.claim if kept.decided else kept.claim
        assert claim is not None, "one of them was kept"  # noqa: S101 (put_away does)
        return claim, kept.decided

    def decide(self, decided: Decided, *, on: date) -> None:
        """Take down a decision."""
        self._held, self.decided_on, self.paid_cents = decided, on, decided.paid_cents
        self.state = State.DENIED if decided.is_denied else State.PAID

    def put_away(self) -> None:
        """Let the attic have what nobody works on."""
        if not isinstance(self._held, int):
            claim, decided = self.claim_and_decided
            self._held = self._attic.put(_ENCODER.encode(_Kept(None if decided else claim, decided)))
