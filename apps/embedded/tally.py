"""Counting what became of each encounter, from the feeds of the five services and nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from shared.clients.every_service import ServiceClient

_ADJUDICATED: Final = frozenset({"ClaimPaid", "ClaimPartiallyPaid", "ClaimDenied"})


class Stop(NamedTuple):
    """A rule that stops an encounter, and who can mend what it found."""

    rule_id: str
    owner: str


@dataclass(slots=True)
class Claim:
    """One claim as its facts tell. **Units**: cents."""

    encounter_id: str
    charge_cents: int = 0
    submitted: bool = False
    held: bool = False
    accepted: bool = False
    rejected: bool = False
    decision: str | None = None
    paid_cents: int = 0
    contractual_cents: int = 0
    denied_cents: int = 0
    patient_cents: int = 0


@dataclass(slots=True)
class Tally:
    """What the facts add up to.

    **Shape**: sets of encounter ids; `stopped` has the rules that stop each encounter, and who mends what they found;
    claims by id; charges of submissions by control number. **Units**: cents.
    """

    documented: set[str] = field(default_factory=set)
    coded: set[str] = field(default_factory=set)
    validated: set[str] = field(default_factory=set)
    stopped: dict[str, frozenset[Stop]] = field(default_factory=dict)
    self_pay: dict[str, int] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    submissions: dict[str, int] = field(default_factory=dict)
    checks_received: set[str] = field(default_factory=set)
    checks_posted: set[str] = field(default_factory=set)
    cases: Mapping[str, int] = field(default_factory=dict)
    billings: Mapping[str, int] = field(default_factory=dict)
    parked: int = 0
    _after: dict[str, int] = field(default_factory=dict)

    @property
    def seen(self) -> int:
        """Return how far the feeds were followed; it grows while anything moves."""
        return sum(self._after.values())

    @property
    def encounters(self) -> int:
        """Return how many encounters were documented."""
        return len(self.documented)

    async def follow(self, services: Mapping[str, ServiceClient]) -> None:
        """Take what the feeds have by now."""
        for name, service in services.items():
            async for event in service.events(self._after.get(name, 0)):
                self._after[name] = event["position"]
                self._take(event["type"], event["data"])
        self.cases = await services["coding"].counts("coding_cases", by="status")
        self.billings = await services["claims"].counts("encounter_billings", by="status")
        self.parked = sum([await service.parked_count() for service in services.values()])

    def _take(self, kind: str, data: Mapping[str, Any]) -> None:
        match kind:
            case "EncounterDocumented":
                self.documented.add(data["encounter_id"])
            case "CodesAssigned":
                self.coded.add(data["encounter_id"])
            case "CodesValidated":
                self.validated.add(data["encounter_id"])
                self.stopped.pop(data["encounter_id"], None)
            case "CodesRejected":
                self.stopped[data["encounter_id"]] = _stops(data["findings"])
                self.validated.discard(data["encounter_id"])
            case "EncounterReleasedToSelfPay":
                self.self_pay[data["encounter_id"]] = data["charge_cents"]
            case "RemittanceReceived":
                self.checks_received.add(data["remittance_id"])
            case "RemittancePosted":
                self.checks_posted.add(data["remittance_id"])
            case _:
                self._take_claim(kind, data)

    def _take_claim(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "ClaimAssembled":
            self.claims.setdefault(data["claim_id"], Claim(data["encounter_ids"][0]))
        claim = self.claims.get(data.get("claim_id") or "")
        if claim is None:
            return
        match kind:
            case "ClaimPriced":
                claim.charge_cents = data["charge_cents"]
            case "ClaimHeld":
                claim.held = True
            case "ClaimHoldReleased":
                claim.held = False
            case "ClaimSubmitted":
                claim.submitted, claim.rejected = True, False
                self.submissions[data["patient_control_number"]] = data["charge_cents"]
            case "ClaimAccepted":
                claim.accepted = True
            case "ClaimRejected":
                claim.rejected = True
            case _ if kind in _ADJUDICATED:
                claim.decision = kind
                claim.paid_cents += data["paid_cents"]
                claim.contractual_cents += data["contractual_cents"]
                claim.denied_cents += data["denied_cents"]
                claim.patient_cents += data["patient_cents"]

    def counts(self) -> dict[str, int]:
        """Return how many encounters came how far, and where those that stopped are."""
        claims = self.claims.values()
        return {
            "encounters": self.encounters,
            "coded": len(self.coded),
            "coder_queue": self.cases.get("open", 0),
            "not_codable": self.cases.get("refused", 0),
            "validated": len(self.validated),
            "held": self._held(),
            "submitted": sum(claim.submitted for claim in claims),
            "rejected": sum(claim.rejected for claim in claims),
            "accepted": sum(claim.accepted for claim in claims),
            "paid": sum(claim.decision in {"ClaimPaid", "ClaimPartiallyPaid"} for claim in claims),
            "denied": sum(claim.decision == "ClaimDenied" for claim in claims),
            "self_pay": len(self.self_pay),
            "parked": self.parked,
        }

    def stops(self) -> list[tuple[Stop, int]]:
        """Return how many encounters each rule stops, the commonest first."""
        counted = Counter(stop for stops in self.stopped.values() for stop in stops)
        return sorted(counted.items(), key=lambda each: (-each[1], each[0]))

    def _held(self) -> int:
        waiting = self.billings.get("waiting", 0) + self.billings.get("held", 0)
        return len(self.stopped) + waiting + sum(claim.held for claim in self.claims.values())

    def is_settled(self) -> bool:
        """Return whether every encounter has ended somewhere and every check is posted."""
        return not self.unsettled()

    def unsettled(self) -> Mapping[str, int]:
        """Return how many are still on their way, by where they are; empty when all have ended."""
        coding = self.encounters - len(self.coded) - self.cases.get("open", 0) - self.cases.get("refused", 0)
        scrubbing = len(self.coded) - len(self.validated) - len(self.stopped)
        billed = {claim.encounter_id for claim in self.claims.values()}
        waiting = self.billings.get("waiting", 0) + self.billings.get("held", 0)
        billing = max(len(self.validated - billed - self.self_pay.keys()) - waiting, 0)
        ended = (claim.held or claim.rejected or (claim.decision and claim.accepted) for claim in self.claims.values())
        found = {
            "coding": coding,
            "validation": scrubbing,
            "billing": billing,
            "claims": len(self.claims) - sum(map(bool, ended)),
            "checks": len(self.checks_received - self.checks_posted),
        }
        return {name: count for name, count in found.items() if count}


def _stops(findings: Iterable[Mapping[str, Any]]) -> frozenset[Stop]:
    failed = (each for each in findings if each["severity"] == "error" and each["outcome"] == "fail")
    return frozenset(Stop(each["rule_id"], each["owner"]) for each in failed if each["overridden"] is None)
