"""The answers that come before the money: TA1, 999 and 277CA, in the separators of the file that is answered.

Owns: who says what of a claim. Refuses: segments, which are those of `shared/x12`. **Source**: x12.md section 8.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from shared.x12.claim_status import Status, StatusInformation
from shared.x12.interchange import GroupHeader
from shared.x12.party import Member
from shared.x12.segments import Entity
from shared.x12.sets import t277ca_x214 as t277ca
from shared.x12.sets import t999_x231a1 as t999
from shared.x12.sets.t837p_x222a1 import BillingProvider, Payer, ProfessionalClaim, Submitter
from shared.x12.sets.ta1 import InterchangeAcknowledgement, write_ta1
from shared.x12.writer import Envelope

CLEARINGHOUSE: Final = Entity(role="AY", name="CLAIMLOG SIMULATOR", id_qualifier="46", id="SIMCLEAR")


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """What a 999 says of one ST. **Shape**: accepted where `code` (IK502) is empty."""

    set_code: str
    control_number: str
    guide: str
    code: str = ""
    errors: tuple[t999.SegmentError, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What a 277CA says of one claim."""

    claim: ProfessionalClaim
    status: Status
    is_accepted: bool
    payer_claim_number: str = ""


@dataclass(frozen=True, slots=True)
class Statuses:
    """The claims of one ST that one source answers. **Shape**: `source` is a clearinghouse (AY) or a payer (PR)."""

    source: Entity
    submitter: Submitter
    reference: str
    claims: Sequence[Said]


def payer_entity(payer: Payer) -> Entity:
    """Return a payer as the source of an answer."""
    return Entity(role="PR", name=payer.name or "SIMULATED PAYER", id_qualifier="PI", id=payer.payer_id)


def refused(envelope: Envelope, *, control_number: str, written: tuple[date, str], note: str) -> bytes:
    """Return the rejection of an interchange. **Shape**: `written` is its ISA09 and ISA10, `note` TA105."""
    said = InterchangeAcknowledgement(
        control_number=control_number, written_on=written[0], written_time=written[1], code="R", note=note
    )
    return write_ta1([said], envelope=envelope)


def verdicts_on_sets(envelope: Envelope, groups: Iterable[tuple[GroupHeader, Sequence[SetVerdict]]]) -> bytes:
    """Return what became of each transaction set of an interchange, one ST for each group of it (999)."""
    return t999.write_999([_group(*each) for each in groups], envelope=envelope, first_control_number=1)


def _group(group: GroupHeader, verdicts: Sequence[SetVerdict]) -> t999.GroupAcknowledgement:
    accepted = sum(1 for verdict in verdicts if not verdict.code)
    return t999.GroupAcknowledgement(
        functional_id=group.functional_id,
        group_control_number=group.control_number,
        guide=group.guide,
        code="A" if accepted == len(verdicts) else "P" if accepted else "R",
        sets_included=len(verdicts),
        sets_received=len(verdicts),
        sets_accepted=accepted,
        sets=tuple(map(_set, verdicts)),
    )


def _set(verdict: SetVerdict) -> t999.SetAcknowledgement:
    return t999.SetAcknowledgement(
        set_id=verdict.set_code,
        control_number=verdict.control_number,
        guide=verdict.guide,
        code="R" if verdict.code else "A",
        syntax_codes=(verdict.code,) if verdict.code else (),
        errors=verdict.errors,
    )


def statuses_of_claims(envelope: Envelope, answers: Sequence[Statuses], *, on: date, reference: str) -> bytes:
    """Return the status of each claim, one ST for each source and inbound ST (277CA).

    **Shape**: `reference` names the file.
    """
    said = [_acknowledgement(each, on, f"{reference}{number:04d}") for number, each in enumerate(answers, start=1)]
    patients = {one.claim.patient_control_number: _patient(one.claim) for each in answers for one in each.claims}
    return t277ca.write_277ca(said, envelope=envelope, first_control_number=1, patients=patients)


def _acknowledgement(statuses: Statuses, on: date, reference: str) -> t277ca.ClaimAcknowledgement:
    accepted = [each.claim.charge_cents for each in statuses.claims if each.is_accepted]
    rejected = [each.claim.charge_cents for each in statuses.claims if not each.is_accepted]
    told = [each for each in (("90", "YU", accepted), ("AA", "YY", rejected)) if each[2]]
    received = StatusInformation(
        statuses=(Status(category="A1", status="19", entity=statuses.source.role),),
        action="WQ",
        effective_on=on,
        charge_cents=sum(accepted) + sum(rejected),
    )
    submitter = statuses.submitter
    return t277ca.ClaimAcknowledgement(
        level="clearinghouse" if statuses.source.role == "AY" else "payer",
        source=statuses.source,
        reference=reference,
        received_on=on,
        processed_on=on,
        receiver=Entity(role="41", name=submitter.name, id_qualifier="46", id=submitter.submitter_id),
        batch_reference=statuses.reference,
        information=(received,),
        totals=t277ca.Totals(
            counts=tuple((quantity, len(charges)) for quantity, _, charges in told),
            amounts_cents=tuple((money, sum(charges)) for _, money, charges in told),
        ),
        providers=tuple(
            t277ca.BilledProvider(entity=_provider(provider), claims=tuple(_claim(each, on) for each in claims))
            for provider, claims in groupby(statuses.claims, key=lambda each: each.claim.billing_provider)
        ),
    )


def _provider(provider: BillingProvider) -> Entity:
    return Entity(role="85", name=provider.name, id_qualifier="XX", id=provider.npi)


def _claim(said: Said, on: date) -> t277ca.ClaimStatus:
    claim = said.claim
    information = StatusInformation(
        statuses=(said.status,),
        effective_on=on,
        action="WQ" if said.is_accepted else "U",
        charge_cents=claim.charge_cents,
    )
    return t277ca.ClaimStatus(
        patient_control_number=claim.patient_control_number,
        information=(information,),
        payer_control_number=said.payer_claim_number,
        service_from=min(line.service_from for line in claim.lines),
        service_to=max(line.service_to for line in claim.lines),
    )


def _patient(claim: ProfessionalClaim) -> Member:
    person = claim.patient.name if claim.patient else claim.subscriber.name
    return Member(name=person, member_id=claim.subscriber.member_id)
