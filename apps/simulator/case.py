"""One claim in the house: who sent it, who decides it, what it meets, and how far it is.

Owns: the record that answers, checks, inquiries and the page are made from. Claims that are done with are kept packed,
a fourteenth of their size, for the day on which somebody corrects them.
"""

import zlib
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from apps.simulator.adjudication import Decided, DecidedLine
from apps.simulator.inbound import Address
from apps.simulator.plan import Used
from apps.simulator.scenario import Scenario
from shared.x12.adjustment import Adjustment
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


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    """A claim with what was decided about it, each line once."""

    claim: ProfessionalClaim
    status: str
    used: Used
    lines: tuple[tuple[int, int, tuple[Adjustment, ...], str, bool], ...]


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Packed)


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
    _open: ProfessionalClaim | Decided | bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, claim: ProfessionalClaim, scenario: Scenario, address: Address, received_on: date) -> "Case":
        """Return the case of a claim that came."""
        case = cls(
            scenario=scenario,
            address=address,
            received_on=received_on,
            number=claim.patient_control_number,
            payer_id=claim.payer.payer_id,
            member_id=claim.subscriber.member_id,
            charge_cents=claim.charge_cents,
        )
        case._open = claim
        return case

    @property
    def claim(self) -> ProfessionalClaim:
        """Return the claim."""
        held = self._held()
        return held.claim if isinstance(held, Decided) else held

    @property
    def decided(self) -> Decided | None:
        """Return the decision that holds, None before there is one."""
        held = self._held()
        return held if isinstance(held, Decided) else None

    def decide(self, decided: Decided, *, on: date) -> None:
        """Take down a decision."""
        self._open, self.decided_on, self.paid_cents = decided, on, decided.paid_cents
        self.state = State.DENIED if decided.is_denied else State.PAID

    def pack(self) -> None:
        """Keep what is done with in little space."""
        if isinstance(self._open, Decided):
            self._open = _PACKING.pack(self._open)

    def _held(self) -> ProfessionalClaim | Decided:
        return _PACKING.unpack(self._open) if isinstance(self._open, bytes) else self._open


class _Packing:
    """How this process keeps claims: after the pattern of the first, because most of a claim are names of fields."""

    def __init__(self) -> None:
        self._pattern = b""

    def pack(self, decided: Decided) -> bytes:
        """Return a decision in little space."""
        encoded = _ENCODER.encode(_without_segments(decided))
        self._pattern = self._pattern or encoded
        packing = zlib.compressobj(zlib.Z_BEST_SPEED, zdict=self._pattern)
        return packing.compress(encoded) + packing.flush()

    def unpack(self, packed: bytes) -> Decided:
        """Return the decision."""
        found = _DECODER.decode(zlib.decompressobj(zdict=self._pattern).decompress(packed))
        decided = zip(found.claim.lines, found.lines, strict=True)
        lines = tuple(
            [
                DecidedLine(
                    line=line,
                    allowed_cents=allowed_cents,
                    paid_cents=paid_cents,
                    adjustments=adjustments,
                    remark=remark,
                    is_denied=is_denied,
                )
                for line, (allowed_cents, paid_cents, adjustments, remark, is_denied) in decided
            ]
        )
        return Decided(claim=found.claim, status=found.status, lines=lines, used=found.used)


_PACKING: Final = _Packing()


def _without_segments(decided: Decided) -> _Packed:
    claim = decided.claim
    lines = tuple([replace(line, raw=()) for line in claim.lines])
    return _Packed(
        replace(claim, raw=(), lines=lines),
        decided.status,
        decided.used,
        tuple(
            [
                (each.allowed_cents, each.paid_cents, each.adjustments, each.remark, each.is_denied)
                for each in decided.lines
            ]
        ),
    )
