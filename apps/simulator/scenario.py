"""What can happen to a claim, one scenario a member-id prefix: the table that trainers choose from.

Owns: each scenario as a value, how a member id names one, and the seeded mix for everyone else. Refuses: to act on
them; `adjudication.py` prices, `desk.py` answers and `payers.py` pays as the scenario says. docs/simulator.md shows
this table, and a test compares the two.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from hashlib import blake2b
from types import MappingProxyType
from typing import Final

from apps.simulator.plan import ANY, Coverage, Plan
from shared.codesets.carc_rarc import CARC, Nature
from shared.kernel.errors import Malformed
from shared.x12.checks.codes import LISTS

OPEN: Final = Plan(name="open")
SHARED: Final = Plan(
    name="shared", deductible_cents=40_00, by_claim=True, coinsurance_percent=20, copay_cents=15_00
)  # by claim: what one is paid does not depend on which came first
YEARLY: Final = Plan(
    name="yearly",
    deductible_cents=500_00,
    coinsurance_percent=20,
    copay_cents=25_00,
    out_of_pocket_max_cents=1_500_00,
)
_LATER_DAYS: Final = 30
_LATE_DAYS: Final = 14
_CODE_DIGITS_MAX: Final = 3


class RefusedBy(Enum):
    """Who stops a claim before any payer decides it, and in which file it is told."""

    INTERCHANGE = "the whole interchange (TA1)"
    SET = "the whole transaction set (999)"
    CLEARINGHOUSE = "the clearinghouse (277CA)"
    PAYER = "the payer (277CA)"


class Afterwards(Enum):
    """What a payer does to a claim that it has paid."""

    CORRECTS = "reverses the payment and pays less"
    TAKES_BACK = "reverses the payment, denies, and keeps the money from a later check"
    MOVES_FORWARD = "reverses the payment, and owes the rest of a check that would be negative"


class Omitted(Enum):
    """What a payer does not repeat in its 835."""

    CLAIM_NUMBER = "claim number"
    LINE_NUMBERS = "line control numbers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What the claims of a member meet. **Shape**: `code` is a CARC of a denial, or an AAA03 of an eligibility answer.

    **Units**: days after the claim came, or after it was paid.
    """

    prefix: str
    meets: str
    code: str = ""
    plan: Plan = OPEN
    is_terminated: bool = False
    is_denied: bool = False
    is_rejected_inquiry: bool = False
    is_crossed_over: bool = False
    is_partial: bool = False
    refused_by: RefusedBy | None = None
    pends: bool = False
    decides_after_days: int = 0
    pays_before_it_acknowledges: bool = False
    bears_interest: bool = False
    splits_check: bool = False
    repeats_file: bool = False
    omits: Omitted | None = None
    afterwards: Afterwards | None = None
    afterwards_days: int = _LATER_DAYS

    @property
    def brings_plan(self) -> bool:
        """Return whether its plan is all that it is about."""
        return self.plan != OPEN and not self.is_crossed_over

    def covering(self, coverage: Coverage, on: date) -> Coverage:
        """Return a coverage of the member's own under this scenario: its days stay, unless an end is what it brings."""
        ended = date(on.year - 1, 12, 31) if self.is_terminated else None
        ends = [day for day in (coverage.terminated_on, ended) if day]
        plan = self.plan if self.brings_plan else coverage.plan
        return replace(coverage, plan=plan, terminated_on=min(ends, default=None))

    def coverages(self, on: date) -> tuple[Coverage, ...]:
        """Return the coverage of a member nobody enrolled, as of the day of a claim or a question."""
        return (self.covering(Coverage(plan=self.plan), on),)


PAID: Final = Scenario(prefix="PAID", meets="paid in full, less the contractual part (CO 45)")
_TABLE: Final = (
    PAID,
    Scenario(prefix="PART", meets="paid in part: the last of several lines, or half of a single one", is_partial=True),
    Scenario(prefix="DEDU", meets="deductible, coinsurance and copay of the claim (PR 1, 2, 3)", plan=SHARED),
    Scenario(prefix="YEAR", meets="the same by year: amounts that move, up to an out-of-pocket maximum", plan=YEARLY),
    Scenario(
        prefix="ZERO",
        meets="allowed, and all of it to the deductible: a check of 0.00",
        plan=replace(SHARED, name="high deductible", deductible_cents=10_000_00, coinsurance_percent=0, copay_cents=0),
    ),
    Scenario(
        prefix="DENY",
        meets="denied with the CARC of the digits behind it (DENY27A01), 50 without",
        is_denied=True,
        code="50",
    ),
    Scenario(prefix="TERM", meets="coverage ended with last year: later services are denied (27)", is_terminated=True),
    Scenario(
        prefix="AUTH",
        meets="denied without an authorization number (197), else paid",
        plan=replace(OPEN, name="authorization", authorization_for=ANY),
    ),
    Scenario(
        prefix="NECE",
        meets="denied where a line points to no illness, only to Z codes (50), else paid",
        plan=replace(OPEN, name="necessity", not_for_wellness=ANY),
    ),
    Scenario(
        prefix="BUND",
        meets="a visit without modifier 25 is part of the procedure of the same day (97)",
        plan=replace(OPEN, name="bundling", bundles=True),
    ),
    Scenario(
        prefix="TIME",
        meets="denied where it comes more than 30 days after the service (29), else paid",
        plan=replace(OPEN, name="timely filing", filing_days_max=30),
    ),
    Scenario(prefix="CODE", meets="denied as its code says too little (16 with RARC M51)", is_denied=True, code="16"),
    Scenario(prefix="DUPL", meets="denied as an exact duplicate (OA 18)", is_denied=True, code="18"),
    Scenario(
        prefix="PEND",
        meets="pended: a 277 says so for 30 days, then it is paid",
        pends=True,
        decides_after_days=_LATER_DAYS,
    ),
    Scenario(prefix="LATE", meets="paid 14 days after it came", decides_after_days=_LATE_DAYS),
    Scenario(
        prefix="JUMP", meets="paid before it is acknowledged: the 835 comes first", pays_before_it_acknowledges=True
    ),
    Scenario(
        prefix="CROS", meets="paid, and forwarded to the next payer (CLP02 19)", plan=SHARED, is_crossed_over=True
    ),
    Scenario(
        prefix="CORR",
        meets="paid; after 30 days reversed (22) and paid less (1)",
        afterwards=Afterwards.CORRECTS,
    ),
    Scenario(
        prefix="TAKE",
        meets="paid; after 30 days reversed (22) and denied (4), the money kept from a later check (PLB WO)",
        afterwards=Afterwards.TAKES_BACK,
    ),
    Scenario(
        prefix="FORW",
        meets="paid; after 30 days reversed (22), a negative rest moved to the next check (PLB FB)",
        afterwards=Afterwards.MOVES_FORWARD,
    ),
    Scenario(
        prefix="INTR",
        meets="paid after 45 days, with interest (AMT I, PLB L6)",
        bears_interest=True,
        decides_after_days=45,
    ),
    Scenario(
        prefix="SPLT",
        meets="paid with the next day's run; a check over two claims or more comes in two files with one trace number",
        splits_check=True,
        decides_after_days=1,
    ),
    Scenario(prefix="TWIN", meets="its 835 comes again in another file", repeats_file=True),
    Scenario(prefix="NOID", meets="the claim number is not repeated (CLP01 is 0)", omits=Omitted.CLAIM_NUMBER),
    Scenario(prefix="NOLN", meets="line control numbers are not repeated", omits=Omitted.LINE_NUMBERS),
    Scenario(
        prefix="AAA",
        meets="a 271 without an answer, AAA03 by the digits behind it (AAA72), 75 without; its claims as REJP",
        is_rejected_inquiry=True,
        code="75",
        refused_by=RefusedBy.PAYER,
    ),
    Scenario(
        prefix="REJP", meets="taken by the clearinghouse, rejected by the payer (277CA A3)", refused_by=RefusedBy.PAYER
    ),
    Scenario(prefix="REJC", meets="rejected by the clearinghouse (277CA A7)", refused_by=RefusedBy.CLEARINGHOUSE),
    Scenario(
        prefix="R999", meets="the whole transaction set that holds it is rejected (999)", refused_by=RefusedBy.SET
    ),
    Scenario(
        prefix="RTA1",
        meets="the whole interchange that holds it is rejected (TA1 R 024)",
        refused_by=RefusedBy.INTERCHANGE,
    ),
)
SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType({scenario.prefix: scenario for scenario in _TABLE})
"""Every scenario by its prefix, in the order of the table."""
_PREFIX: Final = re.compile("|".join(sorted(SCENARIOS, key=len, reverse=True)))
_CODES: Final = {
    "DENY": frozenset(each.code for each in CARC if each.nature is Nature.REFUSAL and each.valid.last is None),
    "AAA": frozenset(code.removeprefix("0") for code in LISTS["reject-reason"]),
}
"""What the digits behind a prefix may say: a reason (CARC) that refuses payment, and is in use; an AAA03."""
_DIGITS: Final = re.compile(rf"(\d{{1,{_CODE_DIGITS_MAX}}})(?!\d)")
_REASONS_OF_THE_MIX: Final = ("16", "27", "29", "50", "96", "97", "197")
MIX: Final[Mapping[str, int]] = MappingProxyType({"PAID": 68, "DEDU": 18, "DENY": 10, "REJP": 2, "REJC": 2})
"""How many of a hundred members without a prefix meet what."""


_DIGITS_ARE: Final = {
    "DENY": "the number of a reason (CARC) that refuses payment and is in use, such as 27, 50 or 197",
    "AAA": "a reject reason (AAA03), such as 42, 72 or 75",
}


class UnknownScenario(Malformed):
    """A scenario was named that is not in the table, or with digits that say nothing there."""

    slug = "simulator-unknown-scenario"


def named(text: str) -> Scenario | None:
    """Return the scenario that a member id begins with, None where it begins with none.

    **Shape**: digits that are no code there are part of the number, as all that stands behind them.
    """
    upper = text.upper()
    found = _PREFIX.match(upper)
    if found is None:
        return None
    scenario, digits = SCENARIOS[found[0]], _DIGITS.match(upper, found.end())
    code = str(int(digits[1])) if digits else ""
    return replace(scenario, code=code) if code in _CODES.get(found[0], ()) else scenario


def scenario_of(name: str) -> Scenario:
    """Return the scenario that a file or a form names. **Errors**: `UnknownScenario`."""
    scenario = named(name)
    if scenario is None:
        raise UnknownScenario(f"a scenario is one of {', '.join(SCENARIOS)}")
    rest = name[len(scenario.prefix) :]
    if rest and scenario.prefix not in _CODES:
        raise UnknownScenario(f"nothing stands behind {scenario.prefix}: DENY and AAA alone have digits")
    if rest and scenario.code != rest.lstrip("0"):
        raise UnknownScenario(f"behind {scenario.prefix} stand digits: {_DIGITS_ARE[scenario.prefix]}")
    return scenario


def drawn(mix: Mapping[str, int], *, seed: int, member_id: str, first_on: date, charge_cents: int) -> Scenario:
    """Return the scenario of a claim of a member without a prefix.

    **Shape**: the same visit meets the same in every run, however its claim is numbered and wherever it stands.
    """
    text = f"{seed}|{member_id}|{first_on}|{charge_cents}"
    number = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
    rest, draw = divmod(number, sum(mix.values()))
    for name, weight in mix.items():
        draw -= weight
        if draw < 0:
            scenario = scenario_of(name)
            if scenario.is_denied and name == scenario.prefix:
                return replace(scenario, code=_REASONS_OF_THE_MIX[rest % len(_REASONS_OF_THE_MIX)])
            return scenario
    return PAID
