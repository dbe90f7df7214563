"""What a program beside the services says to the payers over the services' own transport: questions, and next payers.

A 270 or 276 asks; the 837P to the next payer is made of our own to the payer before and of that payer's 835. Answers
come out of the mailbox, where the services read as well; nothing is removed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

import httpx

from shared.kernel.money import Money
from shared.runtime.clearinghouse.over_http import HttpClearinghouse
from shared.runtime.clearinghouse.port import Parcel
from shared.runtime.clock import now
from shared.runtime.mailbox import MailboxFile
from shared.x12.segments import Entity, Reference, Trace
from shared.x12.sets import t270_x279a1 as t270
from shared.x12.sets import t276_x212 as t276
from shared.x12.sets.t271_x279a1 import patients, read_271
from shared.x12.sets.t277_x212 import claim_answers, read_277
from shared.x12.sets.t835_x221a1 import Remittance, RemittanceClaim, balance, read_835
from shared.x12.sets.t837p_x222a1 import (
    ClaimBatch,
    LineAdjudication,
    OtherPayer,
    Payer,
    ProfessionalClaim,
    read_837p,
    write_837p,
)
from shared.x12.writer import Envelope

_FIRST_NUMBER: Final = 900_000_001
"""Far from the numbers of the services, whose name this program sends under."""
_BIRTH: Final = date(1970, 3, 13)
_NEXT: Final = {"P": "S", "S": "T"}


@dataclass(frozen=True, slots=True)
class Bill:
    """A claim as one payer got it and decided it. **Shape**: `batch` is how it was sent; `remittance` the whole ST."""

    batch: ClaimBatch
    claim: ProfessionalClaim
    decided: RemittanceClaim
    remittance: Remittance


@dataclass(slots=True)
class Partner:
    """Who sends beside the services. **Shape**: `url` is the clearinghouse's."""

    url: str
    payer_id: str
    _numbers: "count[int]" = field(default_factory=lambda: count(_FIRST_NUMBER))

    def status(self, member_id: str, number: str) -> str:
        """Return what a payer says of a claim (277): category, status, and what it paid in dollars where it says so."""
        trace = f"STATUS{next(self._numbers)}"
        inquiry = t276.ClaimInquiry(trace=Trace(number=trace), references=(Reference(qualifier="EJ", number=number),))
        person = t276.Subscriber(entity=_member(member_id), birth_on=_BIRTH, sex="F", claims=(inquiry,))
        receiver = t276.InformationReceiver(
            entity=Entity(role="41", name="CLAIMLOG PRACTICE", id_qualifier="46", id="CLAIMLOG"),
            providers=(t276.ServiceProvider(entity=_CLINIC, subscribers=(person,)),),
        )
        source = t276.InformationSource(entity=self._payer(), receivers=(receiver,))
        request = t276.ClaimStatusRequest(reference=trace, sources=(source,))
        content = t276.write_276([request], envelope=self._envelope(), first_control_number=1)
        answers = [
            answer
            for file in self._answers(content, "277")
            for response in read_277(file)
            for answer in claim_answers(response)
            if answer.trace is not None and answer.trace.number == trace
        ]
        (said,) = (answer.information[0] for answer in answers)
        paid = "" if said.paid_cents is None else f" {Money(said.paid_cents).decimal()}"
        return f"{said.statuses[0].category}:{said.statuses[0].status}{paid}"

    def eligibility(self, member_id: str) -> str:
        """Return what a payer says of a member today (271): active, inactive or AAA, and what is left of the year."""
        trace = f"ELIGIBLE{next(self._numbers)}"
        person = t270.Subscriber(
            individual=t270.Individual(entity=_member(member_id), birth_on=_BIRTH, sex="F"),
            traces=(Trace(number=trace, originator="9CLAIMLOG0"),),
            inquiries=(t270.BenefitInquiry(service_types=("30",)),),
        )
        receiver = t270.InformationReceiver(entity=_CLINIC, subscribers=(person,))
        source = t270.InformationSource(entity=self._payer(), receivers=(receiver,))
        request = t270.EligibilityRequest(reference=trace, sources=(source,))
        content = t270.write_270([request], envelope=self._envelope(), first_control_number=1)
        (said,) = (
            person
            for file in self._answers(content, "271")
            for response in read_271(file)
            for person in patients(response)
            if trace in {each.number for each in person.traces}
        )
        if said.rejections:
            return f"AAA {said.rejections[0].reason}"
        left = [
            f"{_LEFT[each.code]} {Money(each.amount_cents or 0).decimal()}"
            for each in said.benefits
            if each.code in _LEFT and each.time_qualifier == _REMAINING
        ]
        return ", ".join((_PLAN.get(said.benefits[0].code, said.benefits[0].code), *left))

    def billed_on(self, before: Bill, *, payer_id: str, member_id: str) -> Bill:
        """Return what the next payer decides of a claim, under the same claim number, after the payers before it."""
        claim = _next(before, payer_id=payer_id, member_id=member_id)
        batch = replace(before.batch, claims=(claim,), reference=f"NEXT{next(self._numbers)}")
        content = write_837p(batch, envelope=self._envelope(), transaction_control_number=1)
        return _bill(batch, claim, self._answers(content, "835"))

    def _payer(self) -> Entity:
        return Entity(role="PR", name="EXAMPLE PLAN", id_qualifier="PI", id=self.payer_id)

    def _envelope(self) -> Envelope:
        number = next(self._numbers)
        return Envelope(
            sender_id="CLAIMLOG",
            receiver_id="CLEARINGHOUSE",
            written_at=now(),
            interchange_control_number=number,
            group_control_number=number,
            usage="T",
        )

    def _answers(self, content: bytes, kind: str) -> list[bytes]:
        return asyncio.run(_said(self.url, content, kind))


_CLINIC: Final = Entity(role="1P", name="EXAMPLE CLINIC", id_qualifier="XX", id="1234567893")
_REMAINING: Final = "29"
_LEFT: Final = {"C": "deductible", "G": "out of pocket"}
_PLAN: Final = {"1": "active", "6": "inactive"}


def billed(folder: Path, number: str, file_sha256: str) -> Bill:
    """Return a claim as the services sent it, with the decision in the 835 that they posted it from.

    **Shape**: `folder` is where the embedded process copies files to. **Errors**: `LookupError` before it has both.
    """
    sent = [
        (batch, claim)
        for path in sorted((folder / "outbound").glob("837p-*.edi"))
        for batch in read_837p(path.read_bytes())
        for claim in batch.claims
        if claim.patient_control_number == number
    ]
    posted = [path.read_bytes() for path in (folder / "inbound").glob(f"835-{file_sha256[:16]}.edi")]
    if not sent or not posted:
        raise LookupError("the copies are not there yet")
    return _bill(*sent[-1], posted)


def _bill(batch: ClaimBatch, claim: ProfessionalClaim, files: Sequence[bytes]) -> Bill:
    (found,) = (
        (decided, remittance)
        for file in files
        for remittance in read_835(file)
        for decided in remittance.claims
        if decided.patient_control_number == claim.patient_control_number
    )
    assert balance(found[1]) == ()
    return Bill(batch, claim, *found)


def _next(before: Bill, *, payer_id: str, member_id: str) -> ProfessionalClaim:
    """Return the claim to the next payer: the payers before it by claim and line, as their 835 has it."""
    claim, decided = before.claim, before.decided
    insured, paid_on = claim.subscriber, before.remittance.payment_on
    payer = OtherPayer(
        payer=claim.payer,
        responsibility=insured.responsibility,
        member_id=insured.member_id,
        subscriber_name=insured.name,
        subscriber_address=insured.address,
        claim_filing=insured.claim_filing,
        paid_cents=decided.paid_cents,
        remaining_liability_cents=decided.patient_responsibility_cents,
        adjustments=decided.adjustments,
        payer_control_number=decided.payer_control_number,
    )
    lines = tuple(
        replace(
            line,
            adjudications=(
                *line.adjudications,
                LineAdjudication(
                    payer_id=claim.payer.payer_id,
                    paid_cents=said.paid_cents,
                    procedure=said.procedure,
                    modifiers=said.modifiers,
                    units=line.units,
                    adjustments=said.adjustments,
                    adjudicated_on=paid_on,
                ),
            ),
        )
        for line, said in zip(claim.lines, decided.lines, strict=True)
    )
    return replace(
        claim,
        subscriber=replace(insured, member_id=member_id, responsibility=_NEXT[insured.responsibility]),
        payer=Payer(name=f"EXAMPLE PLAN {payer_id}", payer_id=payer_id),
        other_payers=(*claim.other_payers, payer),
        lines=lines,
    )


def _member(member_id: str) -> Entity:
    return Entity(role="IL", kind="1", name="SCENARIO", first_name="ADA", id_qualifier="MI", id=member_id)


async def _said(url: str, content: bytes, kind: str) -> list[bytes]:
    """Return the files of a kind that came into the mailbox since something was sent."""

    async def given() -> bytes:
        return content

    async def listed(house: HttpClearinghouse, after: str | None) -> tuple[list[MailboxFile], str | None]:
        files: list[MailboxFile] = []
        while page := (listing := await house.list(after)).files:
            files += page
            after = listing.next
        return files, after

    async with httpx.AsyncHTTPTransport() as connections:
        house = HttpClearinghouse(url, timeout_seconds=10, transport=connections)
        _, cursor = await listed(house, None)
        await house.send(Parcel(key=sha256(content).hexdigest()), given)
        files, _ = await listed(house, cursor)
        return [await house.fetch(each.remote_id) for each in files if each.file_name.endswith(f".{kind}")]
