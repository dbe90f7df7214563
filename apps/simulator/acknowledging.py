"""The answers that come before the money: TA1, 999 (005010X231A1) and 277CA (005010X214), as bytes.

Owns: their segments, in the separators of the file that is answered, so that no value of it can clash with them.
**Source**: x12.md section 8.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from apps.simulator.claim import Claim, ClaimFile, Named, Payee
from shared.x12.interchange import GroupHeader
from shared.x12.writer import (
    Envelope,
    SetWriter,
    amount,
    enclose,
    enclose_loose,
    sanitize,
    set_control_number,
    written_day,
)

CLEARINGHOUSE: Final = Named(family="CLAIMLOG SIMULATOR", number="SIMCLEAR")
_GUIDE_999: Final = "005010X231A1"
_GUIDE_277CA: Final = "005010X214"


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """What a 999 says of one ST. **Shape**: accepted where `code` (IK502) is empty; `segment_id` empty: no IK3."""

    set_code: str
    control_number: str
    guide: str
    code: str = ""
    segment_id: str = ""
    position: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """What a 277CA says of one claim. **Shape**: `status` is STC01 as its three components."""

    claim: Claim
    status: tuple[str, str, str]
    accepted: bool
    payer_claim_number: str = ""


@dataclass(frozen=True, slots=True)
class Statuses:
    """The claims of one ST that one source answers. **Shape**: `role` is AY for the clearinghouse, PR for a payer."""

    role: str
    source: Named
    file: ClaimFile
    claims: Sequence[ClaimStatus]


def write_ta1(envelope: Envelope, *, control_number: str, written: tuple[str, str], code: str) -> bytes:
    """Return the rejection of an interchange. **Shape**: `written` is its ISA09 and ISA10, `code` TA105."""
    return enclose_loose(
        [envelope.separators.element.join(("TA1", control_number, *written, "R", code))], envelope=envelope
    )


def write_999(envelope: Envelope, groups: Iterable[tuple[GroupHeader, Sequence[SetVerdict]]]) -> bytes:
    """Return what became of each transaction set of an interchange, one ST for each group of it."""
    sets = []
    for number, (group, verdicts) in enumerate(groups, start=1):
        out = SetWriter(envelope.separators)
        out.add("AK1", group.functional_id, group.control_number, group.guide)
        for verdict in verdicts:
            out.add("AK2", verdict.set_code, verdict.control_number, verdict.guide)
            if verdict.segment_id:
                out.add("IK3", verdict.segment_id, str(verdict.position), "", verdict.fault)
            out.add("IK5", *(("R", verdict.code) if verdict.code else ("A",)))
        accepted = sum(1 for verdict in verdicts if not verdict.code)
        grade = "A" if accepted == len(verdicts) else "P" if accepted else "R"
        out.add("AK9", grade, str(len(verdicts)), str(len(verdicts)), str(accepted))
        sets.append((("999", set_control_number(number), _GUIDE_999), out))
    return enclose(sets, envelope=envelope, functional_id="FA", guide=_GUIDE_999)


def write_277ca(envelope: Envelope, answers: Sequence[Statuses], *, on: date, reference: str) -> bytes:
    """Return the status of each claim, one ST for each source and inbound ST. **Shape**: `reference` names the file."""
    sets = []
    for number, each in enumerate(answers, start=1):
        out = SetWriter(envelope.separators)
        own = f"{reference}{number:04d}"
        clock = (written_day(on), f"{envelope.written_at:%H%M}")
        out.add("BHT", "0085", "08", own, *clock, "TH")
        _source(out, each, own, clock[0])
        _totals(out, each, clock[0])
        _providers(out, each, clock[0])
        sets.append((("277", set_control_number(number), _GUIDE_277CA), out))
    return enclose(sets, envelope=envelope, functional_id="HN", guide=_GUIDE_277CA)


def _source(out: SetWriter, statuses: Statuses, reference: str, day: str) -> None:
    qualifier = "PI" if statuses.role == "PR" else "46"
    out.add("HL", "1", "", "20", "1")
    out.add(
        "NM1", statuses.role, "2", sanitize(statuses.source.family), "", "", "", "", qualifier, statuses.source.number
    )
    out.add("TRN", "1", reference)
    out.add("DTP", "050", "D8", day)
    out.add("DTP", "009", "D8", day)


def _totals(out: SetWriter, statuses: Statuses, day: str) -> None:
    submitter = statuses.file.submitter
    accepted = [each.claim.charge_cents for each in statuses.claims if each.accepted]
    rejected = [each.claim.charge_cents for each in statuses.claims if not each.accepted]
    out.add("HL", "2", "1", "21", "1")
    out.add("NM1", "41", "2", sanitize(submitter.family), "", "", "", "", "46", submitter.number)
    out.add("TRN", "2", statuses.file.reference)
    out.add("STC", ("A1", "19", statuses.role), day, "WQ", amount(sum(accepted) + sum(rejected)))
    told = [each for each in (("90", "YU", accepted), ("AA", "YY", rejected)) if each[2]]
    for quantity, _, charges in told:
        out.add("QTY", quantity, str(len(charges)))
    for _, money, charges in told:
        out.add("AMT", money, amount(sum(charges)))


def _providers(out: SetWriter, statuses: Statuses, day: str) -> None:
    level = 2
    for payee, of_payee in groupby(statuses.claims, key=lambda each: each.claim.payee):
        level += 1
        provider_level = level
        _provider(out, payee, level)
        for each in of_payee:
            level += 1
            out.add("HL", str(level), str(provider_level), "PT")
            _patient(out, each, day)


def _provider(out: SetWriter, payee: Payee, level: int) -> None:
    out.add("HL", str(level), "2", "19", "1")
    out.add("NM1", "85", "2", sanitize(payee.name), "", "", "", "", "XX", payee.npi)


def _patient(out: SetWriter, status: ClaimStatus, day: str) -> None:
    claim = status.claim
    person = claim.patient or claim.subscriber
    member = claim.subscriber.number
    out.add("NM1", "QC", "1", sanitize(person.family), sanitize(person.given, length_max=35), "", "", "", "MI", member)
    out.add("TRN", "2", claim.number)
    out.add("STC", status.status, day, "WQ" if status.accepted else "U", amount(claim.charge_cents))
    if status.payer_claim_number:
        out.add("REF", "1K", status.payer_claim_number)
    first = min(line.from_on for line in claim.lines if line.from_on)
    last = max(line.to_on for line in claim.lines if line.to_on)
    qualifier, days = (
        ("D8", written_day(first)) if first == last else ("RD8", f"{written_day(first)}-{written_day(last)}")
    )
    out.add("DTP", "472", qualifier, days)
