"""From the facts of one encounter to what becomes of it: pure, the same whatever order the facts came in.

Owns: which facts a claim needs, what is missing, who is asked to pay, what each line costs. Refuses: whether the codes
may be billed (validation said so), whether it was done before (`encounter_billing.py` and `claim.py` decide).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from services.claims.domain.claim_content import AssembleClaim
from services.claims.domain.encounter_billing import BillEncounter, Outcome, ToPatient, ToPayer, ToPerson, Waits
from services.claims.domain.fee_schedule import Price, PriceList, is_ambiguous, price_on
from services.claims.domain.parties import Authorization, Coverage, Patient, Payer, Provider
from shared.events.claims import ClaimLine, PricedLine
from shared.events.coding import CodedLine
from shared.events.validation import AuthorizedLine
from shared.kernel.dates import local_day
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money

LINES_MAX: Final = 50  # of a professional claim; the set has more, the guide does not
PAYER_ON_HOLD: Final = "payer-on-hold"
NoCoverage: TypeAlias = Literal["self-pay", "hold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPolicy:
    """What a practice decided once.

    **Shape**: `no_coverage` is who gets a visit without insurance; payers on hold by our id or the clearinghouse's;
    a hold is looked at again after `hold_days`, by the calendar of `zone`.
    """

    no_coverage: NoCoverage = "self-pay"
    hold_payer_ids: frozenset[str] = frozenset()
    hold_days: int = 7
    zone: str = "America/New_York"

    def hold_until(self, now: datetime) -> date:
        """Return the day on which a hold that begins now is looked at again."""
        return local_day(now, self.zone) + timedelta(days=self.hold_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """What a claim needs of a visit's documentation."""

    encounter_id: str
    patient_id: str
    place_of_service: str | None
    rendering_provider_id: str | None
    billing_provider_id: str | None
    coverage_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """The newest codes of an encounter."""

    encounter_id: str
    coding_version: int
    diagnoses: tuple[str, ...]
    lines: tuple[CodedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """The newest verdict on codes.

    **Shape**: `rejected` codes must not be billed; `authorizations` are the first payer's consents that lines draw on.
    """

    encounter_id: str
    patient_id: str
    coding_version: int
    rule_set_version: str
    filing_deadline_on: date | None
    rejected: bool = False
    authorizations: tuple[AuthorizedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one encounter. **Shape**: None and absent keys: not known (yet); `coverage` is the first one."""

    encounter: Encounter | None
    coding: Coding | None
    validation: Validation
    prices: PriceList
    patient: Patient | None = None
    coverage: Coverage | None = None
    payer: Payer | None = None
    providers: Mapping[str, Provider] = field(default_factory=dict)
    authorizations: Mapping[str, Authorization] = field(default_factory=dict)


def claim_id_of(encounter_id: str) -> str:
    """Return the id of the claim to the first payer of an encounter: there is one, however often it is assembled."""
    return derived_id("claim", encounter_id, "primary")


def authorization_thing(authorization_id: str) -> str:
    """Return what an encounter waits for that draws on a consent."""
    return f"authorization/{authorization_id}"


def billing(facts: Facts, policy: BillingPolicy, now: datetime) -> tuple[BillEncounter | AssembleClaim, ...]:
    """Return the commands that a validated encounter's facts amount to, decided as one unit."""
    missing = _missing(facts)
    if missing or facts.encounter is None or facts.coding is None:
        return (_bill(facts, Waits(missing), now),)
    unclear = _unclear_price(facts.coding, facts.prices)
    if unclear:
        return (_bill(facts, ToPerson(unclear), now),)
    if not facts.encounter.coverage_ids:
        return (_bill(facts, _without_coverage(facts.coding, facts.prices, policy), now),)
    return _to_payer(facts, facts.encounter, facts.coding, policy, now)


def _bill(facts: Facts, outcome: Outcome, now: datetime) -> BillEncounter:
    return BillEncounter(
        encounter_id=facts.validation.encounter_id,
        patient_id=facts.validation.patient_id,
        coding_version=facts.validation.coding_version,
        outcome=outcome,
        now=now,
    )


def _missing(facts: Facts) -> tuple[str, ...]:
    """Return what must arrive first, in a fixed order, so that the same gap is the same wait."""
    encounter_id = facts.validation.encounter_id
    if facts.validation.rejected:
        return (f"validation/{encounter_id}",)
    missing = [] if facts.encounter else [f"encounter/{encounter_id}"]
    if facts.coding is None or facts.coding.coding_version < facts.validation.coding_version:
        missing.append(f"codes/{encounter_id}")
    elif facts.coding.coding_version > facts.validation.coding_version:
        missing.append(f"validation/{encounter_id}")
    else:
        missing.extend(_unpriced(facts.coding, facts.prices))
    if facts.encounter and facts.encounter.coverage_ids:
        missing.extend(_missing_parties(facts, facts.encounter))
    return tuple(missing)


def _unpriced(coding: Coding, prices: PriceList) -> list[str]:
    priced = [(line.procedure_code, _price(line, prices)) for line in coding.lines]
    return sorted({f"price/{code}" for code, price in priced if price is None})


def _missing_parties(facts: Facts, encounter: Encounter) -> list[str]:
    missing = [] if facts.patient else [f"patient/{encounter.patient_id}"]
    if facts.coverage is None:
        missing.append(f"coverage/{encounter.coverage_ids[0]}")
    elif facts.payer is None:
        missing.append(f"payer/{facts.coverage.payer_id}")
    wanted = dict.fromkeys(filter(None, (encounter.billing_provider_id, encounter.rendering_provider_id)))
    named = dict.fromkeys(each.authorization_id for each in facts.validation.authorizations)
    return [
        *missing,
        *(f"provider/{each}" for each in wanted if each not in facts.providers),
        *(authorization_thing(each) for each in named if each not in facts.authorizations),
    ]


def _price(line: CodedLine, prices: PriceList) -> Price | None:
    return price_on(prices.of(line.procedure_code), line.service_from_on, modifiers=line.modifiers)


def _priced(coding: Coding, prices: PriceList) -> tuple[tuple[PricedLine, ...], tuple[str, ...]]:
    """Return what each line costs, and which schedule versions said so."""
    found = [(number, line, _price(line, prices)) for number, line in enumerate(coding.lines, start=1)]
    priced = tuple(
        PricedLine(
            line_no=number,
            line_control_number=f"L{number}",
            charge_cents=(Money(price.charge_cents) * line.units).cents,
        )
        for number, line, price in found
        if price
    )
    return priced, tuple(dict.fromkeys(price.version for _, _, price in found if price))


def _unclear_price(coding: Coding, prices: PriceList) -> str | None:
    """Return why a person must say what an encounter costs, None where the prices say it."""
    lines = ((prices.of(line.procedure_code), line) for line in coding.lines)
    if any(is_ambiguous(found, line.service_from_on, modifiers=line.modifiers) for found, line in lines):
        return "price-ambiguous"
    priced, _ = _priced(coding, prices)
    return None if any(line.charge_cents for line in priced) else "nothing-to-charge"


def _without_coverage(coding: Coding, prices: PriceList, policy: BillingPolicy) -> ToPatient | ToPerson:
    if policy.no_coverage == "hold":
        return ToPerson("no-coverage")
    priced, _ = _priced(coding, prices)
    return ToPatient(priced)


def _to_payer(
    facts: Facts, encounter: Encounter, coding: Coding, policy: BillingPolicy, now: datetime
) -> tuple[BillEncounter | AssembleClaim, ...]:
    coverage, place_of_service = facts.coverage, encounter.place_of_service
    biller = encounter.billing_provider_id
    if coverage is None or place_of_service is None or biller is None or not 1 <= len(coding.lines) <= LINES_MAX:
        return (_bill(facts, ToPerson(_gap(encounter)), now),)
    if coverage.patient_id != encounter.patient_id:
        return (_bill(facts, ToPerson("coverage-of-another-patient"), now),)
    if coverage.filing_order != "primary":
        return (_bill(facts, ToPerson("first-coverage-not-primary"), now),)
    claim_id = claim_id_of(encounter.encounter_id)
    priced, versions = _priced(coding, facts.prices)
    rendering = encounter.rendering_provider_id
    assemble = AssembleClaim(
        claim_id=claim_id,
        encounter_ids=(encounter.encounter_id,),
        patient_id=encounter.patient_id,
        coverage_id=coverage.coverage_id,
        payer_id=coverage.payer_id,
        filing_order=coverage.filing_order,
        diagnoses=coding.diagnoses,
        lines=tuple(_line(number, line) for number, line in enumerate(coding.lines, start=1)),
        priced=priced,
        fee_schedule_versions=versions,
        place_of_service=place_of_service,
        rendering_provider_id=rendering if rendering != biller else None,
        billing_provider_id=biller,
        coding_version=coding.coding_version,
        rule_set_version=facts.validation.rule_set_version,
        filing_deadline_on=facts.validation.filing_deadline_on,
        authorizations=_authorizations(facts.validation, coding),
        hold=_hold(coverage, facts.payer, policy),
        hold_until_on=policy.hold_until(now),
        now=now,
    )
    return _bill(facts, ToPayer(claim_id, coverage.payer_id), now), assemble


def _authorizations(validation: Validation, coding: Coding) -> tuple[AuthorizedLine, ...]:
    """Return the consents by the lines of the claim, which are numbered anew."""
    by_line = {each.line_no: each.authorization_id for each in validation.authorizations}
    return tuple(
        AuthorizedLine(line_no=number, authorization_id=by_line[line.line_no])
        for number, line in enumerate(coding.lines, start=1)
        if line.line_no in by_line
    )


def _hold(coverage: Coverage, payer: Payer | None, policy: BillingPolicy) -> str | None:
    known_as = {coverage.payer_id, payer.clearinghouse_payer_id if payer else coverage.payer_id}
    return PAYER_ON_HOLD if known_as & policy.hold_payer_ids else None


def _gap(encounter: Encounter) -> str:
    """Return why no claim can be made of documentation that says too little."""
    if encounter.place_of_service is None:
        return "place-of-service-missing"
    return "billing-provider-missing" if encounter.billing_provider_id is None else "lines-not-1-to-50"


def _line(number: int, line: CodedLine) -> ClaimLine:
    return ClaimLine(
        line_no=number,
        line_control_number=f"L{number}",
        procedure_code=line.procedure_code,
        modifiers=line.modifiers,
        units=line.units,
        pointers=line.pointers,
        service_from_on=line.service_from_on,
        service_to_on=line.service_to_on,
    )
