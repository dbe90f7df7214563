"""Whom the payers insure, at which prices, and what befalls their claims: from a scenario file, or by default.

Owns: the members and contracts that were named, and the choice for everyone else: by the prefix of the member id, else
by the seeded mix. Refuses: names that no table has, with the place in the file. docs/simulator.md shows a file.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from apps.simulator.contract import Contract, Fee
from apps.simulator.plan import Coverage, Plan
from apps.simulator.scenario import MIX, Scenario, drawn, named, scenario_of
from shared.kernel.errors import Malformed
from shared.x12.sets.t837p_x222a1 import ProfessionalClaim

_STANDARD: Final = Contract()


class BadScenarioFile(Malformed):
    """A scenario file says what the simulator cannot do."""

    slug = "simulator-bad-scenario-file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who was enrolled. **Shape**: without coverages of their own those of the scenario hold."""

    member_id: str
    scenario: Scenario
    coverages: tuple[Coverage, ...] = ()


@dataclass(slots=True)
class Directory:
    """What the payers know before a claim comes. **Shape**: members by payer and member id, contracts by payer."""

    seed: int
    mix: Mapping[str, int] = field(default_factory=lambda: MIX)
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    members: dict[tuple[str, str], Member] = field(default_factory=dict)

    def scenario(self, claim: ProfessionalClaim) -> Scenario:
        """Return what a claim meets."""
        member_id = claim.subscriber.member_id
        known = self.member(claim.payer.payer_id, member_id)
        if known is not None:
            return known.scenario
        first_on = claim.lines[0].service_from
        return drawn(self.mix, seed=self.seed, member_id=member_id, first_on=first_on, charge_cents=claim.charge_cents)

    def member(self, payer_id: str, member_id: str) -> Member | None:
        """Return somebody who was enrolled, or whose number says what they meet; None for everyone else."""
        enrolled = self.members.get((payer_id, member_id.upper()))
        if enrolled is not None:
            return enrolled
        scenario = named(member_id)
        return Member(member_id=member_id, scenario=scenario) if scenario else None

    def coverages(self, payer_id: str, member_id: str, scenario: Scenario, on: date) -> Sequence[Coverage]:
        """Return what a member is covered by, as of the day of a claim or a question."""
        enrolled = self.members.get((payer_id, member_id.upper()))
        own = enrolled.coverages if enrolled else ()
        return [scenario.covering(each, on) for each in own] or scenario.coverages(on)

    def contract(self, payer_id: str) -> Contract:
        """Return the prices of a payer."""
        return self.contracts.get(payer_id, _STANDARD)

    def enroll(self, payer_id: str, member: Member) -> None:
        """Enroll a member."""
        self.members[payer_id, member.member_id.upper()] = member

    def choose(self, payer_id: str, member_id: str, scenario: Scenario) -> None:
        """Choose what befalls a member from now on; what covers them stays."""
        known = self.members.get((payer_id, member_id.upper())) or Member(member_id=member_id, scenario=scenario)
        self.enroll(payer_id, replace(known, scenario=scenario))


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Plan(_Said):
    name: str = Field(min_length=1)
    deductible_cents: int = Field(0, ge=0)
    by_claim: bool = False
    copay_cents: int = Field(0, ge=0)
    coinsurance_percent: int = Field(0, ge=0, le=100)
    out_of_pocket_max_cents: int | None = Field(None, ge=0)
    filing_days_max: int | None = Field(None, ge=0)
    authorization_for: frozenset[str] = frozenset()
    not_covered: frozenset[str] = frozenset()
    not_for_wellness: frozenset[str] = frozenset()
    known_procedures: frozenset[str] = frozenset("*")
    bundles: bool = False


class _Fee(_Said):
    procedure: str = Field(min_length=1)
    effective_on: date
    allowed_cents: int = Field(ge=0)


class _Payer(_Said):
    payer_id: str = Field(min_length=1)
    allowed_percent: int = Field(80, ge=0, le=100)
    fees: tuple[_Fee, ...] = ()


class _Member(_Said):
    payer_id: str = Field(min_length=1)
    member_id: str = Field(min_length=1)
    scenario: str = "PAID"
    plan: str = ""
    effective_on: date | None = None
    terminated_on: date | None = None


class _File(_Said):
    seed: int | None = None
    mix: dict[str, int] = Field(default_factory=dict)
    plans: tuple[_Plan, ...] = ()
    payers: tuple[_Payer, ...] = ()
    members: tuple[_Member, ...] = ()


def read_scenario_file(text: str, *, seed: int) -> Directory:
    """Return the directory that a scenario file (TOML) describes. **Errors**: `BadScenarioFile`."""
    try:
        said = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadScenarioFile(f"the scenario file is no TOML: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise BadScenarioFile(f"the scenario file is wrong at {wrong}") from None
    for name, weight in said.mix.items():
        scenario_of(name)
        if weight < 0:
            raise BadScenarioFile(f"mix.{name}: a weight is not negative")
    if said.mix and not sum(said.mix.values()):
        raise BadScenarioFile("mix: one of the weights is more than nothing")
    plans = {each.name: Plan(**each.model_dump()) for each in said.plans}
    directory = Directory(
        seed=seed if said.seed is None else said.seed,
        mix=said.mix or MIX,
        contracts={each.payer_id: _contract(each) for each in said.payers},
    )
    for each in said.members:
        directory.enroll(each.payer_id, _member(each, plans))
    return directory


def _contract(said: _Payer) -> Contract:
    fees: dict[str, list[Fee]] = {}
    for fee in said.fees:
        fees.setdefault(fee.procedure, []).append(Fee(effective_on=fee.effective_on, allowed_cents=fee.allowed_cents))
    return Contract(allowed_percent=said.allowed_percent, fees=fees)


def _member(said: _Member, plans: Mapping[str, Plan]) -> Member:
    if said.plan and said.plan not in plans:
        raise BadScenarioFile(f"members: no plan of the file is named {said.plan}")
    scenario = scenario_of(said.scenario)
    if said.plan and scenario.brings_plan:
        raise BadScenarioFile(f"members: {scenario.prefix} brings a plan of its own: name that, or one of the file")
    dates: dict[str, Any] = {"effective_on": said.effective_on, "terminated_on": said.terminated_on}
    is_plain = not said.plan and not any(dates.values())
    plan = plans.get(said.plan, scenario.plan)
    return Member(
        member_id=said.member_id,
        scenario=scenario,
        coverages=() if is_plain else (Coverage(plan=plan, **dates),),
    )
