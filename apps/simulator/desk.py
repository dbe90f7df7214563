"""The clearinghouse's desk: an interchange is taken apart, answered set by set and claim by claim, and passed on.

Owns: what a clearinghouse rejects by itself, and the order of its answers. Refuses: what payers decide (`payers.py`),
and what they say to questions (`inquiries.py`).
A set that cannot be read is named in a 999 with its segments at fault; its neighbours go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.simulator import payers
from apps.simulator.acknowledging import (
    CLEARINGHOUSE,
    Said,
    SetVerdict,
    Statuses,
    payer_entity,
    refused,
    statuses_of_claims,
    verdicts_on_sets,
)
from apps.simulator.answerable import is_answerable, is_header_answerable
from apps.simulator.case import Case, State
from apps.simulator.edits import failed_edit
from apps.simulator.faults import Faults, unreadable
from apps.simulator.inbound import CONTENT, DUPLICATE, Address, Inbound, take_apart
from apps.simulator.inquiries import GUIDES, Answers
from apps.simulator.office import Office, Receipt, Task
from apps.simulator.scenario import RefusedBy
from shared.x12.claim_status import Status
from shared.x12.interchange import TransactionSet
from shared.x12.malformed import MalformedX12
from shared.x12.sets.t837p_x222a1 import ClaimBatch, Payer, ProfessionalClaim, claim_batch
from shared.x12.sets.t999_x231a1 import SegmentError
from shared.x12.writer import CannotBeWritten

_GUIDES: Final = ("005010X222", "005010X222A1", "005010X222A2")
_WRONG_SET: Final = "1"  # IK502: this set is not taken here
_WRONG_GUIDE: Final = "I6"
_FAULTS: Final = "5"  # IK502: one or more segments in error
_FORWARDED: Final = Status(category="A0", status="16", entity="PR")
_HEADER_ERROR: Final = SegmentError(segment_id="BHT", position=2, code="8")
_ACCEPTED: Final = Status(category="A2", status="20", entity="PR")


def receive(office: Office, key: str, content: bytes, at: datetime) -> Receipt:
    """Take an interchange in and return its receipt; what was due before it is done first.

    The receipt comes last: what failed on the way has none, and the sender's repeat of it is worked on.
    """
    advance(office, at)
    inbound = take_apart(content)
    name = (*inbound.address.sender, inbound.address.control_number)
    desk = _Desk(office, inbound.address, Faults(content))
    fault = inbound.fault or (DUPLICATE if name in office.interchanges else "")
    if fault:
        desk.refuse(fault)
    else:
        desk.work(inbound)
        office.interchanges.add(name)
    return office.receipt(key, content)


def advance(office: Office, to: datetime) -> None:
    """Let time pass: everything that is due until then is done, in its order."""
    while office.is_due(to):
        due = office.next_due()
        payers.settle(office, [(each.task, each.case) for each in due])
        office.done(due)
    office.now = max(office.now, to)


@dataclass(slots=True)
class _Desk:
    """The work on one interchange."""

    office: Office
    address: Address
    faults: Faults

    def refuse(self, fault: str) -> None:
        """Answer with a TA1, and do nothing else."""
        address = self.address
        envelope = self.office.envelope(address)
        ta1 = refused(envelope, control_number=address.control_number, written=address.written, note=fault)
        self.office.post("ta1", ta1)

    def work(self, inbound: Inbound) -> None:
        """Answer each set, then each claim, then let the payers decide."""
        batches: list[tuple[ClaimBatch, list[Case]]] = []
        answers = Answers(self.office, self.address)
        groups = [
            (
                header,
                [
                    self._on_question(transaction, answers)
                    if transaction.code in GUIDES
                    else self._on_claims(transaction, batches)
                    for transaction in sets
                ],
            )
            for header, sets in inbound.groups
        ]
        cases = [case for _, of_batch in batches for case in of_batch]
        marked = [case for case in cases if case.scenario.refused_by is RefusedBy.INTERCHANGE]
        if marked:
            self._reject(cases, level="interchange", status=CONTENT)
            self.refuse(CONTENT)
            return
        self.office.post("999", verdicts_on_sets(self.office.envelope(self.address), groups))
        answers.post()
        if batches:
            self._pass_on(batches)

    def _on_question(self, transaction: TransactionSet, answers: Answers) -> SetVerdict:
        """Return what the 999 says of a question; one that can be taken is answered."""
        known = (transaction.code, transaction.control_number, transaction.guide)
        if transaction.guide not in GUIDES[transaction.code]:
            return SetVerdict(*known, code=_WRONG_GUIDE)
        try:
            answers.take(transaction)
        except MalformedX12 as error:
            return SetVerdict(*known, code=_FAULTS, errors=self._errors(transaction, unreadable(error, transaction)))
        except CannotBeWritten:
            return SetVerdict(*known, code=_FAULTS, errors=self._errors(transaction, _HEADER_ERROR))
        return SetVerdict(*known)

    def _errors(self, transaction: TransactionSet, otherwise: SegmentError) -> tuple[SegmentError, ...]:
        """Return what checks find in a set that cannot be taken, else the one thing that is known of it."""
        return self.faults.of(transaction) or (otherwise,)

    def _on_claims(self, transaction: TransactionSet, batches: list[tuple[ClaimBatch, list[Case]]]) -> SetVerdict:
        """Return what the 999 says of a set; the claims of one that can be taken join the batches."""
        known = (transaction.code, transaction.control_number, transaction.guide)
        if transaction.code != "837":
            return SetVerdict(*known, code=_WRONG_SET)
        if transaction.guide not in _GUIDES:
            return SetVerdict(*known, code=_WRONG_GUIDE)
        try:
            batch = claim_batch(transaction)
        except MalformedX12 as error:
            return SetVerdict(*known, code=_FAULTS, errors=self._errors(transaction, unreadable(error, transaction)))
        silent = [at for at, claim in enumerate(batch.claims) if not is_answerable(claim)]
        if silent or not batch.claims or not is_header_answerable(batch):
            where = _claim_error(transaction, silent[0]) if silent else _HEADER_ERROR
            return SetVerdict(*known, code=_FAULTS, errors=self._errors(transaction, where))
        cases = [self._case(claim) for claim in batch.claims]
        marked = [at for at, case in enumerate(cases) if case.scenario.refused_by is RefusedBy.SET]
        if marked:
            self._reject(cases, level="set", status=_FAULTS)
            return SetVerdict(*known, code=_FAULTS, errors=(_claim_error(transaction, marked[0]),))
        batches.append((batch, cases))
        return SetVerdict(*known)

    def _case(self, claim: ProfessionalClaim) -> Case:
        office = self.office
        return Case.of(claim, office.directory.scenario(claim), self.address, office.today, office.attic)

    def _reject(self, cases: Sequence[Case], *, level: str, status: str) -> None:
        """Note claims that no payer will decide."""
        for case in cases:
            case.state, case.level, case.status_code = State.REJECTED, level, status
            self.office.cases.append(case)
            self.office.book.reject(case)
            case.put_away()

    def _pass_on(self, batches: Sequence[tuple[ClaimBatch, list[Case]]]) -> None:
        """Let the clearinghouse answer, then each payer, and let the payers decide what they decide at once."""
        self._post([self._forwarded(*each) for each in batches])
        answers: list[Statuses] = []
        for batch, cases in batches:
            answers += self._payers_answer(batch, [case for case in cases if case.state is not State.REJECTED])
        accepted = [case for _, cases in batches for case in cases if case.state is not State.REJECTED]
        self._settle([case for case in accepted if case.scenario.pays_before_it_acknowledges])
        if answers:
            self._post(answers)
        self._settle([case for case in accepted if case.decided_on is None and not case.scenario.decides_after_days])
        for case in accepted:
            if case.scenario.decides_after_days:
                case.state = State.PENDED if case.scenario.pends else State.WAITING
                self.office.plan(Task.DECIDE, case, days=case.scenario.decides_after_days)

    def _settle(self, cases: Sequence[Case]) -> None:
        if cases:
            payers.settle(self.office, [(Task.DECIDE, case) for case in cases])

    def _forwarded(self, batch: ClaimBatch, cases: Sequence[Case]) -> Statuses:
        said = []
        for case in cases:
            claim, status = case.claim, failed_edit(case, self.office.today)
            if status is not None:
                case.rejected_with = status
                self._reject([case], level="clearinghouse", status=status.category)
            said.append(Said(claim, status or _FORWARDED, is_accepted=status is None))
        return Statuses(CLEARINGHOUSE, batch.submitter, batch.reference, said)

    def _payers_answer(self, batch: ClaimBatch, forwarded: Sequence[Case]) -> Sequence[Statuses]:
        """Return the status of each forwarded claim by payer."""
        office, by_payer = self.office, dict[Payer, list[Said]]()
        for case in forwarded:
            claim = case.claim
            said = by_payer.setdefault(claim.payer, [])
            status = payers.refusal(office, case)
            if status is not None:
                case.rejected_with = status
                self._reject([case], level="payer", status=status.category)
                said.append(Said(claim, status, is_accepted=False))
                continue
            office.accept(case, sender=self.address.sender[1])
            said.append(Said(claim, _ACCEPTED, is_accepted=True, payer_claim_number=case.payer_claim_number))
        return [
            Statuses(payer_entity(payer), batch.submitter, batch.reference, said) for payer, said in by_payer.items()
        ]

    def _post(self, answers: Sequence[Statuses]) -> None:
        office = self.office
        reference = f"SIM{len(office.mailbox) + 1:09d}"
        content = statuses_of_claims(office.envelope(self.address), answers, on=office.today, reference=reference)
        office.post("277ca", content)


def _claim_error(transaction: TransactionSet, number: int) -> SegmentError:
    """Return an error in the CLM of one claim of a set. **Shape**: `number` counts from 0."""
    clm = f"CLM{transaction.separators.element}"
    positions = [at for at, raw in enumerate(transaction.raw, start=1) if raw.startswith(clm)]
    return SegmentError(segment_id="CLM", position=positions[number], code="8", loop="2300")
