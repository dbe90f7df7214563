"""Facts that let an encounter be billed: its validated codes, and whatever they had to wait for.

`CodesValidated` is the demand; every other fact only asks who waits for it. So an encounter whose codes nobody
validated costs nothing here, and any order of the facts ends in the same claim.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from services.claims.domain.assembly import BillingPolicy, Facts, Validation, authorization_thing, billing
from services.claims.domain.claim import CODES_CHANGED, CODES_REJECTED, HoldClaim
from services.claims.domain.encounter_billing import BillingAskedAgain
from services.claims.domain.fee_schedule import PriceList
from services.claims.domain.wait import ResumeWaiting, WaitingResumed
from services.claims.projections.authorizations import AUTHORIZATIONS
from services.claims.projections.authorized_encounters import AUTHORIZED_ENCOUNTERS
from services.claims.projections.codings import CODINGS
from services.claims.projections.coverages import COVERAGES
from services.claims.projections.encounter_billings import ENCOUNTER_BILLING_ROWS
from services.claims.projections.encounters import ENCOUNTERS
from services.claims.projections.patients import PATIENTS
from services.claims.projections.payers import PAYERS
from services.claims.projections.prices import ALL, PRICES
from services.claims.projections.providers import PROVIDERS
from services.claims.projections.validations import VALIDATIONS
from services.claims.projections.waits import WAITING, Waiting
from shared.events.claims import ClaimRejected, FeeScheduleVersionPublished
from shared.events.coding import CodesAssigned, EncounterDocumented
from shared.events.envelope import Event
from shared.events.registration import (
    AuthorizationApproved,
    CoverageAdded,
    PatientRegistered,
    PayerAdded,
    ProviderAdded,
)
from shared.events.validation import CodesRejected, CodesValidated
from shared.kernel.projection import AnyProjection, Projection
from shared.kernel.reaction import Reaction, Rows

ENCOUNTERS_MAX: Final = 100
"""Encounters that one unit lets go on, with up to five facts each; the rest follows as the next unit."""
Fact = TypeVar("Fact", bound=Event)
NeededRows = Mapping[AnyProjection, tuple[str, ...]]


def reactions(policy: BillingPolicy) -> tuple[Reaction[Any], ...]:
    """Return the reactions that bill encounters under a practice's policy."""
    bill_all = _Bill(policy)
    return (
        Reaction(name="bill_validated", on=CodesValidated, needs=_validated_needs, react=bill_all.validated),
        Reaction(name="bill_rejected_anew", on=ClaimRejected, needs=_rejected_needs, react=bill_all.rejected),
        Reaction(name="bill_asked_again", on=BillingAskedAgain, needs=_asked_needs, react=bill_all.asked_again),
        Reaction(
            name="hold_rejected_codes", on=CodesRejected, needs=_codes_rejected_needs, react=bill_all.codes_rejected
        ),
        Reaction(name="hold_for_new_codes", on=CodesAssigned, needs=_hold_needs, react=bill_all.hold_for_new_codes),
        bill_all.waiting("bill_coded", CodesAssigned, lambda event: (f"codes/{event.encounter_id}",)),
        bill_all.waiting("bill_documented", EncounterDocumented, lambda event: (f"encounter/{event.encounter_id}",)),
        bill_all.waiting("bill_patient", PatientRegistered, lambda event: (f"patient/{event.patient_id}",)),
        bill_all.waiting("bill_coverage", CoverageAdded, lambda event: (f"coverage/{event.coverage_id}",)),
        bill_all.waiting("bill_payer", PayerAdded, lambda event: (f"payer/{event.payer_id}",)),
        bill_all.waiting("bill_provider", ProviderAdded, lambda event: (f"provider/{event.provider_id}",)),
        bill_all.waiting("bill_authorized", AuthorizationApproved, _authorized),
        bill_all.waiting("bill_priced", FeeScheduleVersionPublished, _priced),
        Reaction(name="bill_resumed", on=WaitingResumed, needs=_resumed_needs, react=bill_all.resumed),
    )


def _priced(event: FeeScheduleVersionPublished) -> tuple[str, ...]:
    return tuple(sorted({f"price/{item.procedure_code}" for item in event.items}))


def _authorized(event: AuthorizationApproved) -> tuple[str, ...]:
    return (authorization_thing(event.authorization_id),)


class _Bill:
    """The reactions that need the policy."""

    def __init__(self, policy: BillingPolicy) -> None:
        self._policy = policy

    def validated(self, event: CodesValidated, rows: Rows) -> tuple[object, ...]:
        """Return what the encounter becomes."""
        return self._bill(event.encounter_id, rows)

    def rejected(self, event: ClaimRejected, rows: Rows) -> tuple[object, ...]:
        """Return what the encounter becomes, should newer codes have waited for the front end to let the claim go."""
        return tuple(command for each in event.encounter_ids for command in self._bill(each, rows))

    def asked_again(self, event: BillingAskedAgain, rows: Rows) -> tuple[object, ...]:
        """Return what a held encounter becomes, now that a person says that it was mended."""
        return self._bill(event.encounter_id, rows)

    def codes_rejected(self, event: CodesRejected, rows: Rows) -> tuple[object, ...]:
        """Return what keeps rejected codes from going out: a hold of the claim, or a wait for another verdict."""
        billed = rows.get(ENCOUNTER_BILLING_ROWS, event.encounter_id)
        if billed is None:
            return ()
        if billed.claim_id is None:
            return self._bill(event.encounter_id, rows)
        hold = HoldClaim(
            claim_id=billed.claim_id,
            reason=CODES_REJECTED,
            rejected_coding_version=event.coding_version,
            until_on=self._policy.hold_until(rows.now),
            now=rows.now,
        )
        return (*self._bill(event.encounter_id, rows), hold)

    def waiting(self, name: str, on: type[Fact], things: Callable[[Fact], tuple[str, ...]]) -> Reaction[Fact]:
        """Return the reaction of those who wait for a fact."""

        def needs(event: Fact, rows: Rows) -> NeededRows:
            asked = things(event)
            return _portion_needs(asked, rows, after=None)

        def react(event: Fact, rows: Rows) -> tuple[object, ...]:
            return self._portion(things(event), rows, after=None)

        return Reaction(name=name, on=on, needs=needs, react=react)

    def resumed(self, event: WaitingResumed, rows: Rows) -> tuple[object, ...]:
        """Return what the next portion becomes."""
        return self._portion((event.thing,), rows, after=event.after_encounter_id)

    def hold_for_new_codes(self, event: CodesAssigned, rows: Rows) -> tuple[HoldClaim, ...]:
        """Return the command that keeps a claim with older codes from going out before the new ones are validated."""
        billed = rows.get(ENCOUNTER_BILLING_ROWS, event.encounter_id) if event.coding_version > 1 else None
        if billed is None or billed.claim_id is None:
            return ()
        return (
            HoldClaim(
                claim_id=billed.claim_id,
                reason=CODES_CHANGED,
                newer_coding_version=event.coding_version,
                until_on=self._policy.hold_until(rows.now),
                now=rows.now,
            ),
        )

    def _portion(self, things: tuple[str, ...], rows: Rows, *, after: str | None) -> tuple[object, ...]:
        waiting = _waiting(things, rows, after=after)
        portion = _encounters(waiting)
        rest = tuple(
            ResumeWaiting(thing=thing, after_encounter_id=_last(portion, ids) or after, now=rows.now)
            for thing, ids in waiting.items()
            if set(ids) - set(portion)
        )
        return (*(command for each in portion for command in self._bill(each, rows)), *rest)

    def _bill(self, encounter_id: str, rows: Rows) -> tuple[object, ...]:
        facts = facts_of(encounter_id, rows)
        return billing(facts, self._policy, rows.now) if facts else ()


def _waiting(things: tuple[str, ...], rows: Rows, *, after: str | None) -> dict[str, tuple[str, ...]]:
    """Return who waits for each of some facts, behind a mark."""
    found = {thing: row.encounter_ids for thing in things if (row := rows.get(_index(thing), thing))}
    return {thing: tuple(each for each in ids if after is None or each > after) for thing, ids in found.items()}


def _index(thing: str) -> Projection[Waiting, Any]:
    """Return who names the encounters that a thing lets go on: of a consent also those that were billed without it."""
    return AUTHORIZED_ENCOUNTERS if thing.startswith(authorization_thing("")) else WAITING


def _encounters(waiting: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return whom one unit lets go on: the first of those who wait, fact by fact."""
    return tuple(dict.fromkeys(each for ids in waiting.values() for each in ids))[:ENCOUNTERS_MAX]


def _last(portion: Iterable[str], ids: tuple[str, ...]) -> str | None:
    """Return up to whom a portion lets all go on who wait for one fact, in order of their ids."""
    going = set(portion)
    last = None
    for each in ids:
        if each not in going:
            break
        last = each
    return last


def _portion_needs(things: tuple[str, ...], rows: Rows, *, after: str | None) -> NeededRows:
    needed: dict[AnyProjection, tuple[str, ...]] = {_index(thing): things for thing in things}
    if all(rows.has(_index(thing), thing) for thing in things):
        needed |= _all_needs(_encounters(_waiting(things, rows, after=after)), rows)
    return needed


def _resumed_needs(event: WaitingResumed, rows: Rows) -> NeededRows:
    return _portion_needs((event.thing,), rows, after=event.after_encounter_id)


def _validated_needs(event: CodesValidated, rows: Rows) -> NeededRows:
    return _all_needs((event.encounter_id,), rows)


def _rejected_needs(event: ClaimRejected, rows: Rows) -> NeededRows:
    return _all_needs(event.encounter_ids, rows)


def _all_needs(encounter_ids: tuple[str, ...], rows: Rows) -> NeededRows:
    """Return the rows that some encounters need: first what names others, then those."""
    needed: dict[AnyProjection, dict[str, None]] = {}
    for encounter_id in encounter_ids:
        for projection, keys in _encounter_needs(encounter_id, rows):
            needed.setdefault(projection, {}).update(dict.fromkeys(keys))
    return {projection: tuple(keys) for projection, keys in needed.items()}


def _encounter_needs(encounter_id: str, rows: Rows) -> Iterable[tuple[AnyProjection, tuple[str, ...]]]:
    yield from ((projection, (encounter_id,)) for projection in (ENCOUNTERS, CODINGS, VALIDATIONS))
    yield PRICES, (ALL,)
    encounter = rows.get(ENCOUNTERS, encounter_id) if rows.has(ENCOUNTERS, encounter_id) else None
    if encounter is None or not encounter.coverage_ids:
        return
    first = encounter.coverage_ids[0]
    validation = rows.get(VALIDATIONS, encounter_id) if rows.has(VALIDATIONS, encounter_id) else None
    if validation and validation.authorizations:
        yield AUTHORIZATIONS, _authorization_ids(validation)
    yield PATIENTS, (encounter.patient_id,)
    yield COVERAGES, (first,)
    yield PROVIDERS, tuple(filter(None, (encounter.billing_provider_id, encounter.rendering_provider_id)))
    coverage = rows.get(COVERAGES, first) if rows.has(COVERAGES, first) else None
    if coverage:
        yield PAYERS, (coverage.payer_id,)


def _authorization_ids(validation: Validation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.authorization_id for each in validation.authorizations))


def facts_of(encounter_id: str, rows: Rows) -> Facts | None:
    """Return what is known of an encounter, None where its codes were never validated."""
    validation = rows.get(VALIDATIONS, encounter_id)
    if validation is None:
        return None
    encounter = rows.get(ENCOUNTERS, encounter_id)
    coding = rows.get(CODINGS, encounter_id)
    prices = rows.get(PRICES, ALL) or PriceList()
    if encounter is None or not encounter.coverage_ids:
        return Facts(encounter=encounter, coding=coding, validation=validation, prices=prices)
    coverage = rows.get(COVERAGES, encounter.coverage_ids[0])
    wanted = filter(None, (encounter.billing_provider_id, encounter.rendering_provider_id))
    providers = {each: rows.get(PROVIDERS, each) for each in wanted}
    authorizations = {each: rows.get(AUTHORIZATIONS, each) for each in _authorization_ids(validation)}
    return Facts(
        encounter=encounter,
        coding=coding,
        validation=validation,
        prices=prices,
        patient=rows.get(PATIENTS, encounter.patient_id),
        coverage=coverage,
        payer=rows.get(PAYERS, coverage.payer_id) if coverage else None,
        providers={each: provider for each, provider in providers.items() if provider},
        authorizations={each: authorization for each, authorization in authorizations.items() if authorization},
    )


def _asked_needs(event: BillingAskedAgain, rows: Rows) -> NeededRows:
    return _all_needs((event.encounter_id,), rows)


def _codes_rejected_needs(event: CodesRejected, rows: Rows) -> NeededRows:
    return {ENCOUNTER_BILLING_ROWS: (event.encounter_id,), **_all_needs((event.encounter_id,), rows)}


def _hold_needs(event: CodesAssigned, _: Rows) -> NeededRows:
    return {ENCOUNTER_BILLING_ROWS: (event.encounter_id,)} if event.coding_version > 1 else {}
