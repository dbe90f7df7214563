"""837P bytes to professional claims, ours or a stranger's: one pass, one claim under construction.

Owns: which segment belongs to which party, claim and line. Loops that are not read (coordination of benefits, pay-to
address, line providers, notes) stay in `raw`. Refuses: a claim without provider, subscriber, payer or charge, and
amounts and days that are none. Read too are X222, X222A2 and 4010 X098, where they have the same shape.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from shared.kernel.errors import Malformed
from shared.x12.elements import cents, count, day_or_none, days, quantity
from shared.x12.interchange import TransactionSet, transaction_sets
from shared.x12.malformed import MalformedX12, NotAnX12Value, UnexpectedTransaction
from shared.x12.party import Address, PersonName
from shared.x12.sets.t837p_x222a1.claim import (
    BillingProvider,
    ClaimBatch,
    Patient,
    Payer,
    ProfessionalClaim,
    Provider,
    Receiver,
    ServiceFacility,
    ServiceLine,
    Submitter,
    Subscriber,
)
from shared.x12.tokens import Source

_PADDING: Final = 16
_OTHER_GUIDES: Final = ("005010X223", "005010X224", "004010X096", "004010X097")  # institutional and dental
_DIAGNOSES: Final = frozenset({"ABK", "ABF", "BK", "BF"})
_TAX_IDS: Final = frozenset({"EI", "SY"})
_MODIFIERS: Final = slice(2, 6)


def read_837p(source: Source) -> tuple[ClaimBatch, ...]:
    """Return the claim batches of a file, one per ST. **Errors**: as `claim_batch`, and those of the envelope."""
    return tuple(claim_batch(transaction) for transaction in transaction_sets(source))


def claim_batch(transaction: TransactionSet) -> ClaimBatch:
    """Return the claims of one ST with their header.

    **Errors**: `UnreadableSegment`, `MisplacedSegment`, `UnexpectedTransaction`; each says where.
    """
    reader = _Reader(transaction)
    found = tuple(reader.claims())
    return ClaimBatch(
        submitter=reader.submitter(),
        receiver=reader.receiver(),
        reference=reader.reference,
        claims=found,
        control_number=transaction.control_number,
        group_control_number=transaction.group.control_number,
        interchange_control_number=transaction.interchange.control_number,
    )


def claims(transaction: TransactionSet) -> Iterator[ProfessionalClaim]:
    """Return the claims of one ST one by one, for files whose claims need not all be kept. **Errors**: as above."""
    return _Reader(transaction).claims()


class _Party:
    """Whoever an NM1 names, until all of their segments are read."""

    __slots__ = ("address", "birth_on", "city", "elements", "line", "phone", "sex", "tax_id", "taxonomy")

    def __init__(self, elements: list[str]) -> None:
        self.elements = elements
        self.line: tuple[str, str] = ("", "")
        self.address: Address | None = None
        self.birth_on: date | None = None
        self.sex = self.taxonomy = ""
        self.tax_id: tuple[str, str] = ("EI", "")
        self.phone: tuple[str, str] = ("", "")

    @property
    def npi(self) -> str:
        return self.elements[9] if self.elements[8] == "XX" else ""

    def person(self) -> PersonName:
        _, _, _, last, first, middle, _, suffix, *_ = self.elements
        return PersonName(last_name=last, first_name=first, middle_name=middle, suffix=suffix)

    def provider(self) -> Provider:
        _, _, _, last, first, *_ = self.elements
        return Provider(last_name=last, first_name=first, npi=self.npi, taxonomy=self.taxonomy)


class _Reader:
    """Where in the tree the reader is. **Shape**: `_at` counts the segments of the set from 0."""

    __slots__ = (
        "_at", "_billing", "_claim", "_claim_at", "_claim_parties", "_component", "_diagnoses", "_element", "_line",
        "_line_at", "_line_days", "_line_number", "_lines", "_other", "_parties", "_party", "_pat", "_patient",
        "_payer", "_references", "_sbr", "_service_at", "_set", "_subscriber", "_taxonomy", "reference",
    )  # fmt: skip

    def __init__(self, transaction: TransactionSet) -> None:
        transaction.expect("837")
        if transaction.guide.startswith(_OTHER_GUIDES):
            raise UnexpectedTransaction("this is no 837P", offset=transaction.offsets[0], segment=transaction.index)
        self._set = transaction
        self._element = transaction.separators.element
        self._component = transaction.separators.component
        self.reference = self._taxonomy = ""
        self._parties: dict[str, _Party] = {}
        self._party: _Party | None = None
        self._billing: BillingProvider | None = None
        self._subscriber: Subscriber | None = None
        self._payer: Payer | None = None
        self._patient: Patient | None = None
        self._sbr: list[str] | None = None
        self._pat: list[str] | None = None
        self._at = 0
        self._reset_claim()

    def _reset_claim(self) -> None:
        self._claim: list[str] | None = None
        self._claim_at = self._line_at = self._service_at = 0
        self._claim_parties: dict[str, _Party] = {}
        self._references: dict[str, str] = {}
        self._diagnoses: list[str] = []
        self._lines: list[ServiceLine] = []
        self._line: list[str] | None = None
        self._line_days: tuple[date, date] | None = None
        self._line_number = ""
        self._other = False

    def claims(self) -> Iterator[ProfessionalClaim]:
        """Return each claim when the next one, or the end of its level, is reached."""
        element, blanks = self._element, [""] * _PADDING
        handlers: dict[str, Callable[[list[str]], None]] = {
            "BHT": self._read_bht, "HL": self._read_hl, "SBR": self._read_sbr, "PAT": self._read_pat,
            "NM1": self._read_nm1, "N3": self._read_n3, "N4": self._read_n4, "DMG": self._read_dmg,
            "PRV": self._read_prv, "PER": self._read_per, "REF": self._read_ref, "CLM": self._read_clm,
            "HI": self._read_hi, "LX": self._read_lx, "SV1": self._read_sv1, "DTP": self._read_dtp,
        }  # fmt: skip
        ends = frozenset({"CLM", "HL", "SE"})
        try:
            for at, raw in enumerate(self._set.raw):
                e = raw.split(element)
                tag = e[0]
                if self._claim is not None and tag in ends:
                    yield self._finished(at)
                self._at = at
                if handler := handlers.get(tag):
                    handler(e + blanks)
        except MalformedX12:
            raise
        except Malformed as error:
            raise self._set.unreadable(self._at, str(error)) from None

    def submitter(self) -> Submitter:
        """Return who sent, as far as it is said."""
        party = self._parties.get("41") or _Party([""] * _PADDING)
        name, phone = party.phone
        return Submitter(name=party.elements[3], submitter_id=party.elements[9], contact_name=name, phone=phone)

    def receiver(self) -> Receiver:
        """Return who received, as far as it is said."""
        party = self._parties.get("40") or _Party([""] * _PADDING)
        return Receiver(name=party.elements[3], receiver_id=party.elements[9])

    def _read_bht(self, e: list[str]) -> None:
        self.reference = e[3]

    def _read_hl(self, e: list[str]) -> None:
        """Forget what the level above, or the sibling before, had said."""
        self._party = self._patient = self._pat = None
        self._parties.pop("QC", None)
        if e[3] != "23":
            self._subscriber = self._payer = self._sbr = None
            self._parties.pop("IL", None)
            self._parties.pop("PR", None)
        if e[3] == "20":
            self._billing, self._taxonomy = None, ""
            self._parties.pop("85", None)

    def _read_sbr(self, e: list[str]) -> None:
        if self._claim is None:
            self._sbr = e
        else:
            self._other, self._party = True, None

    def _read_pat(self, e: list[str]) -> None:
        self._pat = e

    def _read_nm1(self, e: list[str]) -> None:
        self._party = _Party(e)
        if self._claim is None:
            self._parties[e[1]] = self._party
        elif self._line_at == 0 and not self._other:
            self._claim_parties[e[1]] = self._party

    def _read_n3(self, e: list[str]) -> None:
        if self._party:
            self._party.line = (e[1], e[2])

    def _read_n4(self, e: list[str]) -> None:
        if self._party:
            line, line_2 = self._party.line
            self._party.address = Address(line=line, line_2=line_2, city=e[1], state=e[2], postal_code=e[3])

    def _read_dmg(self, e: list[str]) -> None:
        if self._party:
            self._party.birth_on, self._party.sex = day_or_none(e[2]), e[3]

    def _read_prv(self, e: list[str]) -> None:
        if self._claim is None:
            self._taxonomy = e[3]
        elif self._party:
            self._party.taxonomy = e[3]

    def _read_per(self, e: list[str]) -> None:
        if self._party:
            self._party.phone = (e[2], e[4])

    def _read_ref(self, e: list[str]) -> None:
        if self._line_at:
            if e[1] == "6R" and not self._line_number:
                self._line_number = e[2]
        elif self._claim is not None:
            if not self._other:
                self._references.setdefault(e[1], e[2])
        elif self._party and e[1] in _TAX_IDS and not self._party.tax_id[1]:
            self._party.tax_id = (e[1], e[2])

    def _read_clm(self, e: list[str]) -> None:
        self._claim, self._claim_at, self._party = e, self._at, None

    def _read_hi(self, e: list[str]) -> None:
        for composite in e[1:]:
            if composite:
                qualifier, code, *_ = (composite + self._component).split(self._component)
                if qualifier in _DIAGNOSES:
                    self._diagnoses.append(code)

    def _read_lx(self, _: list[str]) -> None:
        if self._claim is None:
            raise self._set.misplaced(self._at, "a line stands outside a claim")
        if self._line_at:
            self._finish_line(self._at)
        self._line_at, self._party = self._at, None

    def _read_sv1(self, e: list[str]) -> None:
        if not self._line_at:
            raise self._set.misplaced(self._at, "a service stands outside a line")
        self._line, self._service_at = e, self._at

    def _read_dtp(self, e: list[str]) -> None:
        if e[1] == "472" and self._line_at:
            self._line_days = days(e[2], e[3])

    def _finish_line(self, end: int) -> None:
        e, service_days = self._line, self._line_days
        if e is None or service_days is None:
            raise self._set.unreadable(self._line_at, "a line has a service (SV1) and its day (DTP*472)")
        component, self._at = self._component, self._service_at
        code = (e[1] + component * 7).split(component)
        line = ServiceLine(
            procedure_qualifier=code[0],
            procedure=code[1],
            modifiers=tuple(filter(None, code[_MODIFIERS])),
            description=code[6],
            charge_cents=cents(e[2]),
            unit_basis=e[3],
            units=quantity(e[4]),
            place_of_service=e[5],
            pointers=tuple(map(count, filter(None, e[7].split(component)))),
            service_from=service_days[0],
            service_to=service_days[1],
            line_control_number=self._line_number,
            raw=self._set.raw[self._line_at : end],
        )
        self._lines.append(line)
        self._line, self._line_days, self._line_number, self._at = None, None, "", end

    def _finished(self, end: int) -> ProfessionalClaim:
        if self._line_at:
            self._finish_line(end)
        e, component, parties = self._claim or [], self._component, self._claim_parties
        self._at = self._claim_at
        place, _, frequency, *_ = (e[5] + component * 3).split(component)
        facility = parties.get("77") or parties.get("FA")
        claim = ProfessionalClaim(
            patient_control_number=e[1],
            charge_cents=cents(e[2]),
            place_of_service=place,
            frequency=frequency,
            signature_on_file=e[6],
            assignment=e[7],
            benefits_assigned=e[8],
            release_of_information=e[9],
            billing_provider=self._billing or self._read_billing_provider(),
            subscriber=self._subscriber or self._read_subscriber(),
            payer=self._payer or self._read_payer(),
            patient=self._patient or self._read_patient(),
            diagnoses=tuple(self._diagnoses),
            lines=tuple(self._lines),
            original_payer_control_number=self._references.get("F8", ""),
            authorization_number=self._references.get("G1", ""),
            rendering_provider=parties["82"].provider() if "82" in parties else None,
            referring_provider=parties["DN"].provider() if "DN" in parties else None,
            service_facility=self._read_facility(facility) if facility else None,
            raw=self._set.raw[self._claim_at : end],
        )
        self._reset_claim()
        return claim

    def _named(self, role: str) -> _Party:
        party = self._parties.get(role)
        if party is None:
            raise NotAnX12Value("a claim has a billing provider, a subscriber and a payer")
        return party

    def _read_billing_provider(self) -> BillingProvider:
        party = self._named("85")
        qualifier, tax_id = party.tax_id
        self._billing = BillingProvider(
            name=party.elements[3],
            first_name=party.elements[4],
            npi=party.npi,
            tax_id_qualifier=qualifier,
            tax_id=tax_id,
            address=party.address or Address(line="", city="", state="", postal_code=""),
            taxonomy=self._taxonomy,
        )
        return self._billing

    def _read_subscriber(self) -> Subscriber:
        party, sbr = self._named("IL"), self._sbr or [""] * _PADDING
        self._subscriber = Subscriber(
            member_id=party.elements[9],
            name=party.person(),
            address=party.address,
            birth_on=party.birth_on,
            sex=party.sex,
            group_number=sbr[3],
            group_name=sbr[4],
            claim_filing=sbr[9],
            responsibility=sbr[1],
        )
        return self._subscriber

    def _read_payer(self) -> Payer:
        party = self._named("PR")
        self._payer = Payer(name=party.elements[3], payer_id=party.elements[9])
        return self._payer

    def _read_patient(self) -> Patient | None:
        if self._pat is None or "QC" not in self._parties:
            return None
        party = self._parties["QC"]
        self._patient = Patient(
            name=party.person(),
            relationship=self._pat[1],
            address=party.address,
            birth_on=party.birth_on,
            sex=party.sex,
        )
        return self._patient

    def _read_facility(self, party: _Party) -> ServiceFacility:
        address = party.address or Address(line="", city="", state="", postal_code="")
        return ServiceFacility(name=party.elements[3], npi=party.npi, address=address)
