"""The clearinghouse's office: an interchange comes in, and the whole mail about it is in the mailbox.

Owns: what was received under which key, the mailbox, and every number that is handed out. The same bytes, keys and
times in the same order give the same mail and the same book: that is what the journal relies on.
Refuses: clocks and files (`journal.py`, `main.py`). Next: `outcome.py` for who meets what.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from apps.simulator.acknowledging import (
    CLEARINGHOUSE,
    ClaimStatus,
    SetVerdict,
    Statuses,
    write_277ca,
    write_999,
    write_ta1,
)
from apps.simulator.adjudication import DUPLICATE as DUPLICATE_CLAIM
from apps.simulator.adjudication import Adjudicated, adjudicate
from apps.simulator.book import Book
from apps.simulator.claim import Claim, ClaimFile, Named, NotAClaimFile, Payee, read_claims
from apps.simulator.inbound import DUPLICATE, Address, Inbound, take_apart
from apps.simulator.outcome import Course, Outcome, outcome
from apps.simulator.remitting import Check, write_835
from shared.kernel.dates import local_day
from shared.kernel.errors import Conflict
from shared.x12.interchange import TransactionSet
from shared.x12.writer import Envelope

_GUIDES: Final = ("005010X222", "005010X222A1", "005010X222A2")
_WRONG_SET: Final = "1"  # IK502: this set is not taken here
_WRONG_GUIDE: Final = "I6"
_FAULTS: Final = "5"  # IK502: one or more segments in error
_FORWARDED: Final = ("A0", "16", "PR")
_ACCEPTED: Final = ("A2", "20", "PR")
_MEMBER_NOT_FOUND: Final = ("A3", "33", "IL")
_MEMBER_ID_INVALID: Final = ("A7", "164", "IL")
_NOT_AN_ORIGINAL: Final = ("A3", "21", "PR")
_ORIGINAL: Final = "1"


class KeyTaken(Conflict):
    """The key was used for another interchange: a key belongs to one file's bytes."""

    slug = "simulator-key-taken"


@dataclass(frozen=True, slots=True)
class Mail:
    """One file in the mailbox. **Shape**: ids sort in the order of arrival; `name` ends in ta1, 999, 277ca or 835."""

    id: str
    name: str
    content: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """That an interchange was received. **Shape**: `number` is the clearinghouse's."""

    number: str
    sha256: str


@dataclass(slots=True)
class Office:
    """Everything that the clearinghouse and its payers remember. Not for two threads at once."""

    seed: int
    zone: str
    claims_per_check_max: int
    book: Book = field(default_factory=Book)
    mailbox: list[Mail] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    _interchanges: set[tuple[str, str, str]] = field(default_factory=set)
    _claims: set[tuple[str, str]] = field(default_factory=set)
    _payer_claims: int = 0

    def known(self, key: str, content: bytes) -> Receipt | None:
        """Return the receipt that a key already has. **Errors**: `KeyTaken` where it was for other bytes."""
        receipt = self.receipts.get(key)
        if receipt is not None and receipt.sha256 != sha256(content).hexdigest():
            raise KeyTaken("a key names one interchange, and this one was used for another")
        return receipt

    def receive(self, key: str, content: bytes, received_at: datetime) -> Receipt:
        """Return the receipt of a new interchange; its answers are in the mailbox, its money in the book."""
        receipt = Receipt(f"R{len(self.receipts) + 1:09d}", sha256(content).hexdigest())
        self.receipts[key] = receipt
        inbound = take_apart(content)
        desk = _Desk(self, inbound.address, received_at)
        name = (*inbound.address.sender, inbound.address.control_number)
        fault = inbound.fault or (DUPLICATE if name in self._interchanges else "")
        if fault:
            desk.refuse(fault)
        else:
            self._interchanges.add(name)
            desk.work(inbound)
        return receipt

    def first_time(self, sender: str, number: str) -> bool:
        """Return whether a sender's claim number is new, and remember it."""
        name = (sender, number)
        if name in self._claims:
            return False
        self._claims.add(name)
        return True

    def payer_claim_number(self) -> str:
        """Return the next number that a payer gives a claim (ICN)."""
        self._payer_claims += 1
        return f"ICN{self._payer_claims:010d}"

    def post(self, kind: str, content: bytes) -> None:
        """Append a file to the mailbox."""
        number = f"{len(self.mailbox) + 1:09d}"
        self.mailbox.append(Mail(number, f"{number}.{kind}", content, sha256(content).hexdigest()))

    def since(self, after: str, limit: int) -> Sequence[Mail]:
        """Return what came into the mailbox after a file. **Shape**: `after` is an id, or empty for all."""
        first = int(after or 0)
        return self.mailbox[first : first + limit]


@dataclass(slots=True)
class _Desk:
    """The work on one interchange."""

    office: Office
    address: Address
    received_at: datetime

    def refuse(self, fault: str) -> None:
        """Answer with a TA1, and do nothing else."""
        address = self.address
        ta1 = write_ta1(self._envelope(), control_number=address.control_number, written=address.written, code=fault)
        self.office.post("ta1", ta1)

    def work(self, inbound: Inbound) -> None:
        """Answer each set, then each claim, then pay."""
        files: list[ClaimFile] = []
        groups = []
        for header, sets in inbound.groups:
            verdicts = [self._verdict(transaction, files) for transaction in sets]
            groups.append((header, verdicts))
        self.office.post("999", write_999(self._envelope(), groups))
        if files:
            self._adjudicate(files)

    @property
    def _today(self) -> date:
        return local_day(self.received_at, self.office.zone)

    def _envelope(self) -> Envelope:
        """Return the way back, with the next number of our own files."""
        number = len(self.office.mailbox) + 1
        return Envelope(
            sender_qualifier=self.address.receiver[0],
            sender_id=self.address.receiver[1],
            receiver_qualifier=self.address.sender[0],
            receiver_id=self.address.sender[1],
            written_at=self.received_at.astimezone(ZoneInfo(self.office.zone)),
            interchange_control_number=number,
            group_control_number=number,
            usage="T" if self.address.usage == "T" else "P",
            separators=self.address.separators,
        )

    def _verdict(self, transaction: TransactionSet, files: list[ClaimFile]) -> SetVerdict:
        """Return what the 999 says of a set; one that can be taken joins the files."""
        known = (transaction.code, transaction.control_number, transaction.guide)
        if transaction.code != "837":
            return SetVerdict(*known, code=_WRONG_SET)
        if transaction.guide not in _GUIDES:
            return SetVerdict(*known, code=_WRONG_GUIDE)
        try:
            file = read_claims(transaction)
        except NotAClaimFile as fault:
            return SetVerdict(
                *known, code=_FAULTS, segment_id=fault.segment_id, position=fault.position, fault=fault.code
            )
        marked = next((each for each in file.claims if self._course(each).course is Course.SET_REJECTED), None)
        if marked is None:
            files.append(file)
            return SetVerdict(*known)
        for claim in file.claims:
            self.office.book.reject(claim.number, claim.payer.number, level="set", status=_FAULTS)
        return SetVerdict(*known, code=_FAULTS, segment_id="CLM", position=marked.position, fault="8")

    def _course(self, claim: Claim) -> Outcome:
        return outcome(claim, seed=self.office.seed)

    def _adjudicate(self, files: Sequence[ClaimFile]) -> None:
        """Let the clearinghouse answer, then each payer, then send the money."""
        forwarded = [self._forwarded(file) for file in files]
        self._post_statuses(forwarded)
        decided: dict[tuple[Named, Payee], list[tuple[str, Adjudicated]]] = {}
        answers: list[Statuses] = []
        for statuses in forwarded:
            answers.extend(self._payers_answer(statuses, decided))
        if answers:
            self._post_statuses(answers)
        for payer in dict.fromkeys(payer for payer, _ in decided):
            self._pay(payer, decided)

    def _forwarded(self, file: ClaimFile) -> Statuses:
        statuses = []
        for claim in file.claims:
            if self._course(claim).course is Course.REJECTED_BY_CLEARINGHOUSE:
                self.office.book.reject(
                    claim.number, claim.payer.number, level="clearinghouse", status=_MEMBER_ID_INVALID[0]
                )
                statuses.append(ClaimStatus(claim, _MEMBER_ID_INVALID, accepted=False))
            else:
                statuses.append(ClaimStatus(claim, _FORWARDED, accepted=True))
        return Statuses("AY", CLEARINGHOUSE, file, statuses)

    def _payers_answer(
        self, forwarded: Statuses, decided: dict[tuple[Named, Payee], list[tuple[str, Adjudicated]]]
    ) -> Iterator[Statuses]:
        """Return the status of each forwarded claim by payer; what a payer accepts, it decides at once."""
        by_payer: dict[Named, list[ClaimStatus]] = {}
        for each in forwarded.claims:
            if not each.accepted:
                continue
            claim = each.claim
            course = self._course(claim)
            status = self._refusal(claim, course)
            if status is not None:
                self.office.book.reject(claim.number, claim.payer.number, level="payer", status=status[0])
                by_payer.setdefault(claim.payer, []).append(ClaimStatus(claim, status, accepted=False))
                continue
            number = self.office.payer_claim_number()
            by_payer.setdefault(claim.payer, []).append(
                ClaimStatus(claim, _ACCEPTED, accepted=True, payer_claim_number=number)
            )
            if not self.office.first_time(self.address.sender[1], claim.number):
                course = Outcome(Course.DENIED, DUPLICATE_CLAIM)
            decided.setdefault((claim.payer, claim.payee), []).append((number, adjudicate(claim, course)))
        for payer, statuses in by_payer.items():
            yield Statuses("PR", payer, forwarded.file, statuses)

    def _refusal(self, claim: Claim, course: Outcome) -> tuple[str, str, str] | None:
        if course.course is Course.REJECTED_BY_PAYER:
            return _MEMBER_NOT_FOUND
        return None if claim.frequency == _ORIGINAL else _NOT_AN_ORIGINAL

    def _post_statuses(self, answers: Sequence[Statuses]) -> None:
        reference = f"SIM{len(self.office.mailbox) + 1:09d}"
        self.office.post("277ca", write_277ca(self._envelope(), answers, on=self._today, reference=reference))

    def _pay(self, payer: Named, decided: dict[tuple[Named, Payee], list[tuple[str, Adjudicated]]]) -> None:
        """Write the checks of one payer into one file, each over a bounded number of claims."""
        most, checks = self.office.claims_per_check_max, []
        for (of, payee), claims in decided.items():
            if of == payer:
                for start in range(0, len(claims), most):
                    trace = f"SIM{len(self.office.book.checks) + 1:09d}"
                    check = Check(trace, payer, payee, tuple(claims[start : start + most]))
                    self.office.book.enter(check)
                    checks.append(check)
        self.office.post("835", write_835(self._envelope(), checks, on=self._today))
