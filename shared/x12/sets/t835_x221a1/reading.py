"""835 bytes to remittances: claim by claim while they come, or a whole ST at once.

Owns: which segment belongs to the payment, a claim or a line (`claim_reading.py` has the last two). What has no field
stays in `raw`. Refuses: a service line outside a claim, amounts and days that are none. Codes are kept as they are,
known or not. Next: `balance.py`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from shared.kernel.errors import Malformed
from shared.x12.elements import cents, day, day_or_none
from shared.x12.figures import InpatientSummary, ProviderSummary, read_summary
from shared.x12.interchange import BodyHash, Transaction, open_sets
from shared.x12.loops import LOOP_BYTES_MAX, Loop
from shared.x12.malformed import MalformedX12
from shared.x12.party import Address
from shared.x12.segments import Contact, Reference, made_address, read_contact
from shared.x12.sets.t835_x221a1.claim_reading import PADDING, ClaimReader
from shared.x12.sets.t835_x221a1.remittance import (
    BankTransfer,
    ClaimGroup,
    Payee,
    Payer,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceDelivery,
)
from shared.x12.tokens import Source

_STARTS: Final = frozenset({"LX", "CLP", "PLB"})
_OF_A_CLAIM: Final = frozenset({"SVC", "CAS"})
_PLB_REASONS: Final = (3, 5, 7, 9, 11, 13)
_VALUES_BYTES: Final = 1_000  # what the values of a segment take besides its text, at most
_DOLLARS: Final = frozenset({"", "USD"})


def read_835(source: Source) -> tuple[Remittance, ...]:
    """Return the remittances of a file, one per ST.

    **Shape**: each with all of its claims, which takes memory; nothing is said yet of whether it balances.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, and those of the envelope (`parts`).
    **Units**: amounts in cents, exactly. **Source**: 005010X221A1, loops 1000A to 2110 and PLB.
    """
    return tuple(remittance(transaction) for transaction in open_sets(source))


def stream_835(source: Source) -> Iterator["RemittanceReading"]:
    """Return the remittances of a file while they come, in memory that grows neither with the file nor with an ST.

    It holds the longest claim, and what stands outside the claims, some hundred megabytes at most: more is refused.
    **Shape**: claims that are not asked for are passed over. A fault, a trailer that counts otherwise included, is
    found where it stands, when claims before it were given: whoever acts on them must be able to take that back.
    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`, `TooLongToHold`, and those of the
    envelope (`parts`).
    **Units**: amounts in cents, exactly. **Source**: 005010X221A1, loops 1000A to 2110 and PLB.
    """
    return (RemittanceReading(transaction) for transaction in open_sets(source))


def remittance(transaction: Transaction) -> Remittance:
    """Return what one ST says.

    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`; each says where.
    """
    reading = RemittanceReading(transaction)
    found = tuple(reading.claims())
    return reading.remittance(found)


def claims(transaction: Transaction) -> Iterator[RemittanceClaim]:
    """Return the claims of one ST one by one, for files whose claims need not all be kept. **Errors**: as above."""
    return RemittanceReading(transaction).claims()


class RemittanceReading:
    """A remittance whose claims are still coming. **Shape**: ask for them, then for the rest."""

    __slots__ = (
        "_bpr", "_currency", "_group_number", "_groups", "_hash", "_header", "_loops", "_outside_bytes", "_parties",
        "_party", "_payment_cents", "_payment_on", "_plb", "_produced_on", "_references", "_set", "_trn",
    )  # fmt: skip

    def __init__(self, transaction: Transaction) -> None:
        """Read up to the first claim. **Errors**: `UnreadableSegment`, `UnexpectedTransaction`."""
        transaction.expect("835")
        self._set = transaction
        self._hash = BodyHash(transaction.separators)
        self._bpr = self._trn = [""] * PADDING
        self._payment_cents = 0
        self._payment_on: date | None = None
        self._produced_on: date | None = None
        self._currency = ""
        self._references: list[Reference] = []
        self._parties: dict[str, _Party] = {}
        self._party: _Party | None = None
        self._groups: list[ClaimGroup] = []
        self._group_number = "1"
        self._plb: list[ProviderAdjustment] = []
        self._outside_bytes = 0
        self._loops = transaction.loops(_STARTS)
        self._header = next(self._loops)
        self._hash.add(self._header.raw[1:])
        self._each(self._header, {
            "BPR": self._read_bpr, "TRN": self._read_trn, "CUR": self._read_cur, "REF": self._read_ref,
            "DTM": self._read_dtm, "N1": self._read_n1, "N3": self._read_contact, "N4": self._read_contact,
            "PER": self._read_contact, "RDM": self._read_contact,
        })  # fmt: skip
        if not self._bpr[0] or not self._trn[0]:
            raise self._header.unreadable(0, "a remittance has a payment (BPR) and a trace (TRN)")

    def claims(self) -> Iterator[RemittanceClaim]:
        """Return each claim, once. **Errors**: `UnreadableSegment`, `MisplacedSegment`, those of the trailer."""
        reader = ClaimReader(self._set.separators)
        for loop in self._loops:
            tag = loop.raw[0][:3]
            if tag == "SE" + self._set.separators.element:
                return
            self._hash.add(loop.raw)
            if tag == "CLP":
                yield reader.read(loop, self._group_number)
            elif self._read_outside(loop):
                self._outside_bytes += sum(len(raw) + _VALUES_BYTES for raw in loop.raw)
                if self._outside_bytes > LOOP_BYTES_MAX:
                    raise loop.too_long(0, "too much stands outside the claims")

    def remittance(self, found: tuple[RemittanceClaim, ...] = ()) -> Remittance:
        """Return the payment around claims, when all were read; those that were not kept are missing from it."""
        for _ in self.claims():
            pass
        bpr, trn, transaction = self._bpr, self._trn, self._set
        return Remittance(
            handling_code=bpr[1],
            payment_cents=self._payment_cents,
            credit_or_debit=bpr[3],
            method=bpr[4],
            transfer=_transfer(bpr),
            originator_id=bpr[10],
            originator_supplement=bpr[11],
            payment_on=self._payment_on,
            trace_number=trn[2],
            trace_originator=trn[3],
            trace_supplement=trn[4],
            currency=self._currency,
            references=tuple(self._references),
            produced_on=self._produced_on,
            payer=self._payer(),
            payee=self._payee(),
            claims=found,
            groups=tuple(self._groups),
            provider_adjustments=tuple(self._plb),
            control_number=transaction.control_number,
            group_control_number=transaction.group.control_number,
            interchange_control_number=transaction.interchange.control_number,
            body_hash=self._hash.hexdigest(),
            raw=self._header.raw,
        )

    def _each(self, loop: Loop, handlers: dict[str, Callable[[list[str]], None]]) -> None:
        """Read the segments of a loop that is no claim. **Errors**: `UnreadableSegment`, `MisplacedSegment`."""
        element, blanks = self._set.separators.element, [""] * PADDING
        for at, raw in enumerate(loop.raw):
            e = raw.split(element)
            if e[0] in _OF_A_CLAIM:
                raise loop.misplaced(at, "a service line or an adjustment stands outside a claim")
            if handler := handlers.get(e[0]):
                try:
                    handler(e + blanks)
                except MalformedX12:
                    raise
                except Malformed as error:
                    raise loop.unreadable(at, str(error)) from None

    def _read_bpr(self, e: list[str]) -> None:
        self._bpr, self._payment_cents, self._payment_on = e, cents(e[2]), day_or_none(e[16])

    def _read_trn(self, e: list[str]) -> None:
        self._trn = e

    def _read_cur(self, e: list[str]) -> None:
        self._currency = "" if e[2] in _DOLLARS else e[2]

    def _read_dtm(self, e: list[str]) -> None:
        if e[1] == "405":
            self._produced_on = day(e[2])

    def _read_ref(self, e: list[str]) -> None:
        of = self._references if self._party is None else self._party.references
        of.append(Reference(qualifier=e[1], number=e[2]))

    def _read_n1(self, e: list[str]) -> None:
        self._party = self._parties.setdefault(e[1], _Party(e))

    def _read_contact(self, e: list[str]) -> None:
        if self._party is None:
            return
        match e[0]:
            case "N3":
                self._party.street = e
            case "N4":
                self._party.city = e
            case "RDM":
                self._party.delivery = RemittanceDelivery(method=e[1], name=e[2], number=e[3])
            case _:
                self._party.contacts.append(read_contact(e))

    def _read_outside(self, loop: Loop) -> bool:
        """Read what stands between the claims and behind them; return whether anything of it is kept."""
        element = self._set.separators.element
        tag, number, *_ = (loop.raw[0] + element).split(element)
        if tag == "PLB":
            self._each(loop, {"PLB": self._read_plb})
            return True
        self._group_number = number
        return self._read_group(loop)

    def _read_group(self, loop: Loop) -> bool:
        provider: list[ProviderSummary] = []
        inpatient: list[InpatientSummary] = []
        self._each(loop, {
            "TS3": lambda e: provider.append(read_summary(ProviderSummary, e)),
            "TS2": lambda e: inpatient.append(read_summary(InpatientSummary, e)),
        })  # fmt: skip
        if provider or inpatient:
            first, stays = next(iter(provider), None), next(iter(inpatient), None)
            self._groups.append(ClaimGroup(number=self._group_number, provider=first, inpatient=stays))
        return bool(provider or inpatient)

    def _read_plb(self, e: list[str]) -> None:
        raw = self._set.separators.element.join(e[:-PADDING])
        for reason in _PLB_REASONS:
            if e[reason] or e[reason + 1]:
                code, _, reference = e[reason].partition(self._set.separators.component)
                self._plb.append(
                    ProviderAdjustment(
                        provider_id=e[1],
                        fiscal_period_end=day(e[2]),
                        reason=code,
                        reference=reference,
                        amount_cents=cents(e[reason + 1]),
                        raw=(raw,),
                    )
                )

    def _payer(self) -> Payer:
        party = self._parties.get("PR") or _Party([""] * PADDING)
        n1 = party.elements
        number, others = party.number("2U")
        return Payer(
            name=n1[2],
            payer_id=number or n1[4] or self._bpr[10] or self._trn[3],
            plan_id=n1[4],
            address=party.address(),
            references=others,
            contacts=tuple(party.contacts),
        )

    def _payee(self) -> Payee:
        party = self._parties.get("PE") or _Party([""] * PADDING)
        n1 = party.elements
        number, others = ("", tuple(party.references)) if n1[3] == "FI" else party.number("TJ")
        return Payee(
            name=n1[2],
            npi=n1[4] if n1[3] == "XX" else "",
            tax_id=n1[4] if n1[3] == "FI" else number,
            plan_id=n1[4] if n1[3] == "XV" else "",
            address=party.address(),
            references=others,
            delivery=party.delivery,
        )


class _Party:
    """Payer or payee, until all of its segments are read."""

    __slots__ = ("city", "contacts", "delivery", "elements", "references", "street")

    def __init__(self, elements: list[str]) -> None:
        self.elements = elements
        self.street = self.city = [""] * PADDING
        self.references: list[Reference] = []
        self.contacts: list[Contact] = []
        self.delivery: RemittanceDelivery | None = None

    def address(self) -> Address | None:
        """Return where it is, None where nobody says."""
        return made_address(self.street, self.city) if self.street[0] or self.city[0] else None

    def number(self, qualifier: str) -> tuple[str, tuple[Reference, ...]]:
        """Return the first number of a kind, nothing where there is none, and the references besides."""
        at = next((at for at, each in enumerate(self.references) if each.qualifier == qualifier), None)
        if at is None:
            return "", tuple(self.references)
        return self.references[at].number, (*self.references[:at], *self.references[at + 1 :])


def _transfer(bpr: list[str]) -> BankTransfer | None:
    if not (bpr[7] or bpr[13]):
        return None
    return BankTransfer(
        payment_format=bpr[5],
        payer_bank_kind=bpr[6] or "01",
        payee_bank_kind=bpr[12] or "01",
        payer_routing_number=bpr[7],
        payer_account=bpr[9],
        payee_routing_number=bpr[13],
        payee_account_kind=bpr[14],
        payee_account=bpr[15],
    )
