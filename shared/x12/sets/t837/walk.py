"""A set to drafts of claims: one pass, one claim alive, whatever kind of 837 it is.

Owns: which segment belongs to which party, claim, other payer and line. Segments that nobody asks for stay in `raw`.
Refuses: a claim without provider, subscriber or payer, a line outside a claim; and days that are none. Next:
`reading.py`, which turns drafts into the values that all 837s share.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, TypeAlias, TypeVar

from shared.kernel.errors import Malformed
from shared.x12.elements import day_or_none, days, quantity_or_none
from shared.x12.interchange import Transaction
from shared.x12.loops import Loop
from shared.x12.making import maker
from shared.x12.malformed import MalformedX12, NotAnX12Value, UnexpectedTransaction
from shared.x12.party import Address, PersonName
from shared.x12.segments import Contact, Reference, read_contact
from shared.x12.sets.t837.parties import (
    BillingProvider,
    Patient,
    PatientCondition,
    Payer,
    PayToPlan,
    Provider,
    Receiver,
    Submitter,
    Subscriber,
)

Claim = TypeVar("Claim")
Elements: TypeAlias = list[str]
Place: TypeAlias = tuple[int, Elements]

_PADDING: Final = 20  # elements of the longest segment that is read, CAS, and the id
_STARTS: Final = frozenset({"CLM", "HL"})
_NOWHERE: Final = Address(line="", city="", state="", postal_code="")
_NO_PARTIES: Final[dict[str, "Party"]] = {}  # these three stand for what is not there, and are never added to
_NO_SEGMENTS: Final[dict[str, list[Place]]] = {}
_NO_DRAFTS: Final[list["Draft"]] = []
_TAX_IDS: Final = frozenset({"EI", "SY"})
_PARTY_NUMBERS: Final = frozenset("0B 1G 1W 2U EI FY G2 LU NF SY T4 Y4".split())  # noqa: SIM905 (shorter)
_BILLER: Final = "85"
_PLAN: Final = "PE"
_ABOVE: Final = frozenset(
    {"40", "41", _BILLER, "87", _PLAN, "IL", "PR", "QC"}
)  # others are not kept till a claim comes
_HOLDERS: Final = {"20": "", "22": "20", "23": "22"}
_TIMED: Final = frozenset({"TM", "DT"})
_DAYS: Final = frozenset(
    """
    011 050 090 091 096 297 296 304 314 360 361 431 434 435 439 444 453 454 455 461 463 471 472 484 573 607 738 739
    """.split()  # noqa: SIM905 (shorter)
)

_address = maker(Address)
_payer = maker(Payer)
_person_name = maker(PersonName)
_provider = maker(Provider)
_subscriber = maker(Subscriber)


class Party:
    """Whoever an NM1 names, until all of their segments are read."""

    __slots__ = ("_contacts", "_references", "address", "birth_on", "elements", "line", "sex", "tax_id", "taxonomy")

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.line: tuple[str, str] = ("", "")
        self.address: Address | None = None
        self.birth_on: date | None = None
        self.sex = self.taxonomy = ""
        self.tax_id: tuple[str, str] = ("EI", "")
        self._references: list[Reference] = []
        self._contacts: list[Contact] = []

    def add(self, found: Reference | Contact) -> None:
        """Take a number, or somebody to ask; there may be any number of them."""
        if isinstance(found, Reference):
            self._references.append(found)
        else:
            self._contacts.append(found)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Return its numbers."""
        return tuple(self._references)

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Return whom to ask."""
        return tuple(self._contacts)

    @property
    def npi(self) -> str:
        """Return the national number, empty where another one is given."""
        return self.elements[9] if self.elements[8] == "XX" else ""

    def person(self) -> PersonName:
        """Return the name of a person."""
        _, _, _, last, first, middle, _, suffix, *_ = self.elements
        return _person_name(last_name=last, first_name=first, middle_name=middle, suffix=suffix)

    def provider(self, *, is_person: bool = False) -> Provider:
        """Return who treated, referred or supervised. **Shape**: `is_person` where only persons do that."""
        _, _, kind, last, first, middle, _, suffix, *_ = self.elements
        return _provider(
            last_name=last,
            first_name=first,
            middle_name=middle,
            suffix=suffix,
            npi=self.npi,
            taxonomy=self.taxonomy,
            kind="" if not kind or (kind == "1") == (is_person or bool(first)) else kind,
            references=self.references,
        )

    def payer(self) -> Payer:
        """Return who pays."""
        e = self.elements
        qualifier = e[8] or "PI"
        return _payer(
            name=e[3], payer_id=e[9], payer_id_qualifier=qualifier, address=self.address, references=self.references
        )

    def plan(self) -> PayToPlan:
        """Return the plan that is paid."""
        e = self.elements
        return PayToPlan(
            name=e[3],
            plan_id=e[9],
            plan_id_qualifier=e[8] or "PI",
            tax_id=self.tax_id[1],
            address=self.place(),
            references=self.references,
        )

    def place(self) -> Address:
        """Return the address; empty, as a value, where none is given."""
        return self.address or _NOWHERE


class Draft:
    """A claim (2300), another payer of it (2320), a line (2400) or what that payer decided about it (2430).

    **Shape**: `head` opened it, at segment `at`; `service` is the SV1 or SV2 of a line; `kept` are segments
    of other kinds by their id, each with its place. `others` are the payers of a claim, the decisions about a line;
    `lines` are a claim's. `end` is behind the last segment. What most loops lack is not made for them.
    """

    __slots__ = (
        "at", "days", "end", "head", "kept", "lines", "others", "parties", "references", "service", "service_at",
    )  # fmt: skip

    def __init__(self, head: Elements, at: int) -> None:
        self.head = head
        self.at = self.end = self.service_at = at
        self.service: Elements | None = None
        self.references: dict[str, str] = {}
        self.days: dict[str, tuple[date, date]] = {}
        self.parties = _NO_PARTIES
        self.kept = _NO_SEGMENTS
        self.lines = self.others = _NO_DRAFTS


class Walk:
    """Where in the tree the reader is.

    **Shape**: `at` counts the segments of a claim, or of what stands above it, from 0; a conversion sets it to the one
    that it looks at, so that its refusal names that one.
    """

    __slots__ = (
        "_above",
        "_billing",
        "_claim",
        "_condition",
        "_draft",
        "_levels",
        "_line",
        "_loop",
        "_party",
        "_pat",
        "_patient",
        "_payer",
        "_raw",
        "_sbr",
        "_subscriber",
        "_taxonomy",
        "_transaction",
        "at",
        "component",
        "kind",
        "purpose",
        "reference",
    )  # fmt: skip

    def __init__(self, transaction: Transaction, *, others: tuple[str, ...]) -> None:
        transaction.expect("837")
        if transaction.guide.startswith(others):
            offset, segment = transaction.offset, transaction.index
            raise UnexpectedTransaction("this is another kind of 837", offset=offset, segment=segment, segment_id="ST")
        self._transaction = transaction
        self.component = transaction.separators.component
        self.reference = self._taxonomy = ""
        self.purpose, self.kind = "00", "CH"
        self._loop: Loop
        self._levels: dict[str, str] = {}
        self._raw: dict[str, tuple[str, ...]] = {}
        self._above: dict[str, Party] = {}
        self._party: Party | None = None
        self._claim: Draft | None = None
        self._line: Draft | None = None
        self._draft: Draft | None = None
        self._billing: BillingProvider | None = None
        self._subscriber: Subscriber | None = None
        self._payer: Payer | None = None
        self._patient: Patient | None = None
        self._sbr: Elements | None = None
        self._pat: Elements | None = None
        self._condition: PatientCondition | None = None
        self.at = 0

    def claims(self, convert: Callable[["Walk", Draft], Claim]) -> Iterator[Claim]:
        """Return each claim when its segments have come.

        **Errors**: `UnreadableSegment`, `MisplacedSegment`; each says where. Those of the envelope.
        """
        element, blanks = self._transaction.separators.element, [""] * _PADDING
        handlers: dict[str, Callable[[Elements], None]] = {
            "BHT": self._read_bht, "HL": self._read_hl, "SBR": self._read_sbr, "PAT": self._read_pat,
            "NM1": self._read_nm1, "N3": self._read_n3, "N4": self._read_n4, "DMG": self._read_dmg,
            "PRV": self._read_prv, "PER": self._read_per, "REF": self._read_ref, "DTP": self._read_dtp,
            "CLM": self._read_clm, "LX": self._read_lx, "SVD": self._read_svd, "SV1": self._read_service,
            "SV2": self._read_service, "HI": self._keep, "CL1": self._keep, "NTE": self._keep, "PWK": self._keep,
            "AMT": self._keep, "CAS": self._keep, "OI": self._keep, "MIA": self._keep, "MOA": self._keep,
            "LIN": self._keep, "CTP": self._keep, "CR1": self._keep, "CRC": self._keep, "QTY": self._keep,
            "HCP": self._keep, "SV5": self._keep, "CR2": self._keep, "CR3": self._keep, "MEA": self._keep,
            "CN1": self._keep, "K3": self._keep, "PS1": self._keep,
            "LQ": self._read_form, "FRM": self._read_form,
        }  # fmt: skip
        for loop in self._transaction.loops(_STARTS):
            self._loop = loop
            try:
                for self.at, raw in enumerate(loop.raw):
                    e = raw.split(element)
                    if handler := handlers.get(e[0]):
                        handler(e + blanks)
                claim = convert(self, self._closed(self._claim)) if self._claim is not None else None
            except MalformedX12:
                raise
            except Malformed as error:
                raise loop.unreadable(self.at, str(error)) from None
            if claim is not None:
                yield claim

    def raw(self, draft: Draft) -> tuple[str, ...]:
        """Return the segments of a claim or a line, as they came."""
        return self._loop.raw[draft.at : draft.end]

    def submitter(self) -> Submitter:
        """Return who sent, as far as it is said."""
        party = self._above.get("41") or Party([""] * _PADDING)
        e, (contact, *contacts) = party.elements, party.contacts or (Contact(),)
        phone = next((pair for pair in contact.numbers if pair[0] == "TE"), ("TE", ""))
        others = list(contact.numbers)
        if phone in others:
            others.remove(phone)
        return Submitter(
            name=e[3],
            submitter_id=e[9],
            contact_name=contact.name,
            phone=phone[1],
            numbers=tuple(others),
            contacts=tuple(contacts),
            kind=e[2] or "2",
            first_name=e[4],
            middle_name=e[5],
        )

    def receiver(self) -> Receiver:
        """Return who received, as far as it is said."""
        party = self._above.get("40") or Party([""] * _PADDING)
        return Receiver(name=party.elements[3], receiver_id=party.elements[9])

    def billing_provider(self) -> BillingProvider:
        """Return who is paid for the claim at hand. **Errors**: `NotAnX12Value` where nobody is named."""
        if self._billing is None:
            party, pay_to, plan = self._named(_BILLER), self._above.get("87"), self._above.get(_PLAN)
            qualifier, tax_id = party.tax_id
            named = party.provider()
            self._billing = BillingProvider(
                name=named.last_name,
                first_name=named.first_name,
                middle_name=named.middle_name,
                suffix=named.suffix,
                kind=named.kind,
                npi=party.npi,
                tax_id_qualifier=qualifier,
                tax_id=tax_id,
                address=party.place(),
                taxonomy=self._taxonomy,
                pay_to_address=pay_to.address if pay_to else None,
                pay_to_plan=plan.plan() if plan else None,
                references=party.references,
                contacts=party.contacts,
                raw=self._raw.get("20", ()),
            )
        return self._billing

    def subscriber(self) -> Subscriber:
        """Return who is insured. **Errors**: `NotAnX12Value` where nobody is named."""
        if self._subscriber is None:
            party, sbr = self._named("IL"), self._sbr or [""] * _PADDING
            self._subscriber = _subscriber(
                member_id=party.elements[9],
                name=party.person(),
                address=party.address,
                birth_on=party.birth_on,
                sex=party.sex,
                group_number=sbr[3],
                group_name=sbr[4],
                claim_filing=sbr[9],
                responsibility=sbr[1],
                insurance_type=sbr[5],
                member_id_qualifier=party.elements[8] or "MI",
                kind=party.elements[2] or "1",
                references=party.references,
                contacts=party.contacts,
                condition=None if "QC" in self._above else self._condition,
                raw=self._raw.get("22", ()),
            )
        return self._subscriber

    def payer(self) -> Payer:
        """Return who shall pay. **Errors**: `NotAnX12Value` where nobody is named."""
        if self._payer is None:
            self._payer = self._named("PR").payer()
        return self._payer

    def patient(self) -> Patient | None:
        """Return who was treated, None where it is the subscriber."""
        if self._patient is None and self._pat is not None and "QC" in self._above:
            party = self._above["QC"]
            self._patient = Patient(
                name=party.person(),
                relationship=self._pat[1],
                address=party.address,
                birth_on=party.birth_on,
                sex=party.sex,
                references=party.references,
                contacts=party.contacts,
                condition=self._condition,
                raw=self._raw.get("23", ()),
            )
        return self._patient

    def _named(self, role: str) -> Party:
        party = self._above.get(role)
        if party is None:
            raise NotAnX12Value("a claim has a billing provider, a subscriber and a payer")
        return party

    def _closed(self, claim: Draft) -> Draft:
        """Return a claim whose segments have all come, and look at its first one."""
        claim.end = len(self._loop.raw)
        if self._line is not None:
            self._line.end = claim.end
        self._claim = self._line = self._draft = None
        self.at = claim.at
        return claim

    def _read_bht(self, e: Elements) -> None:
        self.purpose, self.reference, self.kind = e[2] or "00", e[3], e[6] or "CH"

    def _read_hl(self, e: Elements) -> None:
        """Forget what the level above, or the sibling before, had said."""
        holder = _HOLDERS.get(e[3])
        if holder is None or e[2] != self._levels.get(holder, ""):
            raise self._loop.misplaced(self.at, "an HL stands under the billing provider, or subscriber, before it")
        self._levels[e[3]] = e[1]
        self._raw[e[3]] = self._loop.raw
        self._party = self._patient = self._pat = self._condition = None
        self._above.pop("QC", None)
        if e[3] != "23":
            self._subscriber = self._payer = self._sbr = None
            self._above.pop("IL", None)
            self._above.pop("PR", None)
        if e[3] == "20":
            self._billing, self._taxonomy = None, ""
            self._above.pop("85", None)
            self._above.pop("87", None)
            self._above.pop(_PLAN, None)

    def _read_sbr(self, e: Elements) -> None:
        if self._claim is None:
            self._sbr = e
        else:
            self._draft, self._party = Draft(e, self.at), None
            self._claim.others.append(self._draft)

    def _read_pat(self, e: Elements) -> None:
        self._pat = e
        if e[6] or e[8] or e[9]:
            weight = quantity_or_none(e[8])
            self._condition = PatientCondition(died_on=day_or_none(e[6]), weight_pounds=weight, is_pregnant=e[9] == "Y")

    def _read_nm1(self, e: Elements) -> None:
        self._party = party = Party(e)
        if self._draft is None:
            if e[1] in _ABOVE:
                self._above[e[1]] = party
        else:
            if self._draft.parties is _NO_PARTIES:
                self._draft.parties = {}
            self._draft.parties.setdefault(e[1], party)

    def _read_n3(self, e: Elements) -> None:
        if self._party:
            self._party.line = (e[1], e[2])

    def _read_n4(self, e: Elements) -> None:
        if self._party:
            line, line_2 = self._party.line
            self._party.address = _address(
                line=line, line_2=line_2, city=e[1], state=e[2], postal_code=e[3], country=e[4], subdivision=e[7]
            )

    def _read_dmg(self, e: Elements) -> None:
        if self._party:
            self._party.birth_on, self._party.sex = day_or_none(e[2]), e[3]

    def _read_prv(self, e: Elements) -> None:
        if self._draft is None:
            self._taxonomy = e[3]
        elif self._party:
            self._party.taxonomy = e[3]

    def _read_per(self, e: Elements) -> None:
        if self._party:
            self._party.add(read_contact(e))

    def _read_ref(self, e: Elements) -> None:
        """Take a number; one that another payer gave (REF04) is neither the line's own nor a provider's."""
        draft, party = self._draft, self._party
        if e[4] and draft is not None:
            return
        if draft is not None and (party is None or e[1] not in _PARTY_NUMBERS):
            draft.references.setdefault(e[1], e[2])
        elif party is not None:
            if e[1] in _TAX_IDS and party.elements[1] in {_BILLER, _PLAN} and not party.tax_id[1]:
                party.tax_id = (e[1], e[2])
            else:
                party.add(Reference(qualifier=e[1], number=e[2]))

    def _read_dtp(self, e: Elements) -> None:
        if self._draft is None or e[1] not in _DAYS:
            return
        if e[2] in _TIMED:
            self._keep(e)
        if e[2] != "TM":
            self._draft.days[e[1]] = days(e[2], e[3])

    def _read_clm(self, e: Elements) -> None:
        self._claim = self._draft = Draft(e, self.at)
        self._claim.lines, self._claim.others = [], []
        self._party = None

    def _read_lx(self, e: Elements) -> None:
        if self._claim is None:
            raise self._loop.misplaced(self.at, "a line stands outside a claim")
        if self._line is not None:
            self._line.end = self.at
        self._line = self._draft = Draft(e, self.at)
        self._claim.lines.append(self._line)
        self._party = None

    def _read_svd(self, e: Elements) -> None:
        if self._line is None:
            raise self._loop.misplaced(self.at, "a decision about a line stands outside a line")
        self._draft = Draft(e, self.at)
        if self._line.others is _NO_DRAFTS:
            self._line.others = []
        self._line.others.append(self._draft)

    def _read_service(self, e: Elements) -> None:
        if self._line is None:
            raise self._loop.misplaced(self.at, "a service stands outside a line")
        self._line.service, self._line.service_at = e, self.at

    def _read_form(self, e: Elements) -> None:
        """Put a form of a line and its answers aside together; they stand behind what others decided about the line."""
        if self._line is not None:
            self._draft = self._line
            self._keep(e, "LQ")

    def _keep(self, e: Elements, name: str = "") -> None:
        """Put a segment aside until its loop is complete."""
        if self._draft is not None:
            if self._draft.kept is _NO_SEGMENTS:
                self._draft.kept = {}
            self._draft.kept.setdefault(name or e[0], []).append((self.at, e))
