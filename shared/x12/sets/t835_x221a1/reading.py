"""835 bytes to remittances: one pass, one claim under construction.

Owns: which segment belongs to the payment, a claim or a line. Segments that are not read (PER*CX, TS3, QTY, other
references) stay in `raw`. Refuses: a service outside a claim, amounts and days that are none. Codes are kept as they
are, known or not. Next: `balance.py`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from shared.kernel.errors import Malformed
from shared.x12.adjustment import Adjustment
from shared.x12.elements import cents, cents_or_none, day, day_or_none, quantity_or_none
from shared.x12.interchange import TransactionSet, body_hash, transaction_sets
from shared.x12.malformed import MalformedX12
from shared.x12.party import Address
from shared.x12.sets.t835_x221a1.remittance import (
    BankTransfer,
    Payee,
    Payer,
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
    SupplementalAmount,
)
from shared.x12.tokens import Source

_PADDING: Final = 24  # elements of the longest segment, MIA, and the id
_CAS_REASONS: Final = (2, 5, 8, 11, 14, 17)
_PLB_REASONS: Final = (3, 5, 7, 9, 11, 13)
_MOA_REMARKS: Final = slice(3, 8)
_MIA_REMARKS: Final = (5, 20, 21, 22, 23)
_MODIFIERS: Final = slice(2, 6)
_DAYS: Final = frozenset({"472", "150", "151", "232", "233", "050"})


def read_835(source: Source) -> tuple[Remittance, ...]:
    """Return the remittances of a file, one per ST. **Errors**: as `remittance`, and those of the envelope."""
    return tuple(remittance(transaction) for transaction in transaction_sets(source))


def remittance(transaction: TransactionSet) -> Remittance:
    """Return what one ST says.

    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`; each says where.
    """
    reader = _Reader(transaction)
    found = tuple(reader.claims())
    return reader.remittance(found)


def claims(transaction: TransactionSet) -> Iterator[RemittanceClaim]:
    """Return the claims of one ST one by one, for files whose claims need not all be kept. **Errors**: as above."""
    return _Reader(transaction).claims()


class _Draft:
    """What a claim and a line have in common while their segments are read."""

    __slots__ = ("adjustments", "amounts", "at", "days", "elements", "lines", "number", "remarks")

    def __init__(self, elements: list[str], at: int) -> None:
        self.elements = elements
        self.at = at
        self.adjustments: list[Adjustment] = []
        self.amounts: list[SupplementalAmount] = []
        self.remarks: list[str] = []
        self.days: dict[str, date] = {}
        self.number = ""
        self.lines: list[RemittanceLine] = []


class _Reader:
    """Where in the set the reader is. **Shape**: `_at` counts its segments from 0."""

    __slots__ = (
        "_at", "_body_at", "_bpr", "_claim", "_component", "_draft", "_element", "_line", "_parties", "_party",
        "_payment_cents", "_payment_on", "_plb", "_produced_on", "_set", "_trn",
    )  # fmt: skip

    def __init__(self, transaction: TransactionSet) -> None:
        transaction.expect("835")
        self._set = transaction
        self._element = transaction.separators.element
        self._component = transaction.separators.component
        self._bpr = self._trn = [""] * _PADDING
        self._payment_cents = 0
        self._payment_on: date | None = None
        self._produced_on: date | None = None
        self._parties: dict[str, dict[str, list[str]]] = {}
        self._party: dict[str, list[str]] | None = None
        self._plb: list[ProviderAdjustment] = []
        self._claim: _Draft | None = None
        self._line: _Draft | None = None
        self._draft: _Draft | None = None
        self._at = self._body_at = 0

    def claims(self) -> Iterator[RemittanceClaim]:
        """Return each claim when what follows it is reached."""
        element, blanks = self._element, [""] * _PADDING
        handlers: dict[str, Callable[[list[str]], None]] = {
            "CLP": self._read_clp, "SVC": self._read_svc, "CAS": self._read_cas, "DTM": self._read_dtm,
            "REF": self._read_ref, "AMT": self._read_amt, "LQ": self._read_lq, "MOA": self._read_moa,
            "MIA": self._read_mia, "NM1": self._read_nm1, "PLB": self._read_plb, "BPR": self._read_bpr,
            "TRN": self._read_trn, "N1": self._read_n1, "N3": self._read_contact, "N4": self._read_contact,
            "PER": self._read_contact,
        }  # fmt: skip
        ends = frozenset({"CLP", "LX", "PLB", "SE"})
        try:
            for at, raw in enumerate(self._set.raw):
                e = raw.split(element)
                tag = e[0]
                if tag in ends:
                    self._party = None
                    self._body_at = self._body_at or at
                    if self._claim is not None:
                        yield self._finished(self._claim, at)
                self._at = at
                if handler := handlers.get(tag):
                    handler(e + blanks)
        except MalformedX12:
            raise
        except Malformed as error:
            raise self._set.unreadable(self._at, str(error)) from None

    def remittance(self, found: tuple[RemittanceClaim, ...]) -> Remittance:
        """Return the payment around claims that were read."""
        bpr, trn, transaction = self._bpr, self._trn, self._set
        self._at = 0
        if not bpr[0] or not trn[0]:
            raise transaction.unreadable(0, "a remittance has a payment (BPR) and a trace (TRN)")
        return Remittance(
            handling_code=bpr[1],
            payment_cents=self._payment_cents,
            credit_or_debit=bpr[3],
            method=bpr[4],
            transfer=_transfer(bpr),
            originator_id=bpr[10],
            payment_on=self._payment_on,
            trace_number=trn[2],
            trace_originator=trn[3],
            produced_on=self._produced_on,
            payer=self._read_payer(),
            payee=self._read_payee(),
            claims=found,
            provider_adjustments=tuple(self._plb),
            control_number=transaction.control_number,
            group_control_number=transaction.group.control_number,
            interchange_control_number=transaction.interchange.control_number,
            body_hash=body_hash(transaction),
            raw=transaction.raw[: self._body_at],
        )

    def _read_bpr(self, e: list[str]) -> None:
        self._bpr, self._payment_cents, self._payment_on = e, cents(e[2]), day_or_none(e[16])

    def _read_trn(self, e: list[str]) -> None:
        self._trn = e

    def _read_n1(self, e: list[str]) -> None:
        self._party = self._parties.setdefault(e[1], {})
        self._party["N1"] = e

    def _read_contact(self, e: list[str]) -> None:
        if self._party is not None:
            self._party.setdefault(f"PER{e[1]}" if e[0] == "PER" else e[0], e)

    def _read_clp(self, e: list[str]) -> None:
        self._claim = self._draft = _Draft(e, self._at)

    def _read_svc(self, e: list[str]) -> None:
        if self._claim is None:
            raise self._set.misplaced(self._at, "a service stands outside a claim")
        if self._line is not None:
            self._claim.lines.append(self._finished_line(self._line, self._at))
        self._line = self._draft = _Draft(e, self._at)

    def _read_cas(self, e: list[str]) -> None:
        if self._draft is None:
            raise self._set.misplaced(self._at, "an adjustment stands outside a claim")
        for reason in _CAS_REASONS:
            if e[reason] or e[reason + 1]:
                self._draft.adjustments.append(
                    Adjustment(
                        group=e[1],
                        reason=e[reason],
                        amount_cents=cents(e[reason + 1]),
                        quantity=quantity_or_none(e[reason + 2]),
                    )
                )

    def _read_dtm(self, e: list[str]) -> None:
        if self._draft is not None:
            if e[1] in _DAYS:
                self._draft.days[e[1]] = day(e[2])
        elif e[1] == "405":
            self._produced_on = day(e[2])

    def _read_ref(self, e: list[str]) -> None:
        if self._party is not None:
            self._party.setdefault(f"REF{e[1]}", e)
        elif self._line is not None and e[1] == "6R":
            self._line.number = e[2]

    def _read_amt(self, e: list[str]) -> None:
        if self._draft is not None:
            self._draft.amounts.append(SupplementalAmount(qualifier=e[1], amount_cents=cents(e[2])))

    def _read_lq(self, e: list[str]) -> None:
        if self._line is not None:
            self._line.remarks.append(e[2])

    def _read_moa(self, e: list[str]) -> None:
        if self._claim is not None:
            self._claim.remarks.extend(filter(None, e[_MOA_REMARKS]))

    def _read_mia(self, e: list[str]) -> None:
        if self._claim is not None:
            self._claim.remarks.extend(filter(None, (e[at] for at in _MIA_REMARKS)))

    def _read_nm1(self, e: list[str]) -> None:
        if e[1] == "82" and e[8] == "XX" and self._claim is not None and self._line is None:
            self._claim.number = e[9]

    def _read_plb(self, e: list[str]) -> None:
        for reason in _PLB_REASONS:
            if e[reason] or e[reason + 1]:
                code, _, reference = e[reason].partition(self._component)
                self._plb.append(
                    ProviderAdjustment(
                        provider_id=e[1],
                        fiscal_period_end=day(e[2]),
                        reason=code,
                        reference=reference,
                        amount_cents=cents(e[reason + 1]),
                        raw=(self._set.raw[self._at],),
                    )
                )

    def _finished_line(self, draft: _Draft, end: int) -> RemittanceLine:
        e, component, found = draft.elements, self._component, draft.days
        self._at = draft.at
        code = (e[1] + component * 6).split(component)
        submitted = (e[6] + component * 6).split(component)
        on = found.get("472")
        line = RemittanceLine(
            procedure_qualifier=code[0],
            procedure=code[1],
            modifiers=tuple(filter(None, code[_MODIFIERS])),
            charge_cents=cents(e[2]),
            paid_cents=cents_or_none(e[3]) or 0,
            revenue_code=e[4],
            units=quantity_or_none(e[5]),
            submitted_procedure=submitted[1],
            submitted_modifiers=tuple(filter(None, submitted[_MODIFIERS])),
            submitted_units=quantity_or_none(e[7]),
            service_from=on or found.get("150"),
            service_to=on or found.get("151") or found.get("150"),
            line_control_number=draft.number,
            adjustments=tuple(draft.adjustments),
            amounts=tuple(draft.amounts),
            remark_codes=tuple(draft.remarks),
            raw=self._set.raw[draft.at : end],
        )
        self._line = None
        return line

    def _finished(self, draft: _Draft, end: int) -> RemittanceClaim:
        if self._line is not None:
            draft.lines.append(self._finished_line(self._line, end))
        e, found = draft.elements, draft.days
        self._at = draft.at
        claim = RemittanceClaim(
            patient_control_number=e[1],
            status=e[2],
            charge_cents=cents(e[3]),
            paid_cents=cents(e[4]),
            patient_responsibility_cents=cents_or_none(e[5]) or 0,
            claim_filing=e[6],
            payer_control_number=e[7],
            facility_code=e[8],
            frequency=e[9],
            adjustments=tuple(draft.adjustments),
            lines=tuple(draft.lines),
            amounts=tuple(draft.amounts),
            remark_codes=tuple(draft.remarks),
            rendering_npi=draft.number,
            service_from=found.get("232"),
            service_to=found.get("233") or found.get("232"),
            received_on=found.get("050"),
            raw=self._set.raw[draft.at : end],
        )
        self._claim = self._draft = None
        return claim

    def _read_payer(self) -> Payer:
        party = self._parties.get("PR", {})
        blank = [""] * _PADDING
        n1, n3, n4 = party.get("N1", blank), party.get("N3", blank), party.get("N4", blank)
        contact = party.get("PERBL", blank)
        named = party.get("REF2U", blank)[2] or n1[4] or self._bpr[10] or self._trn[3]
        address = Address(line=n3[1], line_2=n3[2], city=n4[1], state=n4[2], postal_code=n4[3]) if n3[1] else None
        return Payer(name=n1[2], payer_id=named, address=address, contact_name=contact[2], phone=contact[4])

    def _read_payee(self) -> Payee:
        party = self._parties.get("PE", {})
        blank = [""] * _PADDING
        n1 = party.get("N1", blank)
        npi = n1[4] if n1[3] == "XX" else ""
        tax_id = party.get("REFTJ", blank)[2] or (n1[4] if n1[3] == "FI" else "")
        return Payee(name=n1[2], npi=npi, tax_id=tax_id)


def _transfer(bpr: list[str]) -> BankTransfer | None:
    if not (bpr[7] or bpr[13]):
        return None
    return BankTransfer(
        payment_format=bpr[5],
        payer_routing_number=bpr[7],
        payer_account=bpr[9],
        payee_routing_number=bpr[13],
        payee_account_kind=bpr[14],
        payee_account=bpr[15],
    )
