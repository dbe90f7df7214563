"""The codes of an 837 before they go out: closed lists are held against the guide, open ones against their form.

Owns: which codes a guide names once and for all, and how long those are that others keep and extend (places of service,
filing indicators, types of bill). Refuses: an empty or unknown code, in words that say which there are; never a code
that only this release does not know. **Source**: 005010X222A1 and 005010X223A2, the code notes of each segment.
"""

from dataclasses import dataclass
from typing import Final

from shared.x12.writer import CannotBeWritten


@dataclass(frozen=True, slots=True, eq=False)
class CodeList:
    """Every code that a guide has for something. **Shape**: `what` names it in the refusal."""

    what: str
    codes: frozenset[str]

    def checked(self, code: str) -> str:
        """Return a code of the list. **Errors**: `CannotBeWritten` for any other."""
        if code not in self.codes:
            raise CannotBeWritten(f"{self.what} is one of {', '.join(sorted(self.codes))}")
        return code

    def checked_if_any(self, code: str) -> str:
        """Return a code of the list, or none. **Errors**: as above."""
        return self.checked(code) if code else ""


@dataclass(frozen=True, slots=True, eq=False)
class CodeForm:
    """How the codes of an open list look. **Shape**: so many letters and digits, or digits alone."""

    what: str
    sizes: range
    digits: bool = False

    def checked(self, code: str) -> str:
        """Return a code of this form. **Errors**: `CannotBeWritten` for any other."""
        fits = len(code) in self.sizes and code.isascii() and (code.isdigit() if self.digits else code.isalnum())
        if not fits:
            first, last = self.sizes[0], self.sizes[-1]
            count = f"{first}" if first == last else f"{first} to {last}"
            raise CannotBeWritten(f"{self.what} has {count} {'digits' if self.digits else 'letters or digits'}")
        return code

    def checked_if_any(self, code: str) -> str:
        """Return a code of this form, or none. **Errors**: as above."""
        return self.checked(code) if code else ""


def _listed(what: str, codes: str) -> CodeList:
    return CodeList(what, frozenset(codes.split()))


PERSON: Final = "1"
ORGANISATION: Final = "2"
PROFESSIONAL_PERSONS: Final = frozenset({"DK", "DN", "DQ"})
INSTITUTIONAL_PERSONS: Final = frozenset({"71", "72", "ZZ", "82", "DN"})
"""The roles that no organisation has, in each kind of claim."""

_ONE: Final = range(1, 2)
_TWO: Final = range(2, 3)

SEXES: Final = _listed("the sex of a person", "F M U")
RESPONSIBILITIES: Final = _listed("the place of a payer (SBR01)", "A B C D E F G H P S T U")
DEPENDENTS: Final = _listed("the relationship of a patient who is not the subscriber", "01 19 20 21 39 40 53 G8")
RELATIONSHIPS: Final = _listed("the relationship of a patient to an insured", "01 18 19 20 21 39 40 53 G8")
_REVISIONS: Final = (9, 10)

KINDS: Final = _listed("whether somebody is a person", f"{PERSON} {ORGANISATION}")
MEMBER_IDS: Final = _listed("the kind of a member's number (NM108)", "II MI")
PURPOSES: Final = _listed("the purpose of a file (BHT02)", "00 18")
USES: Final = _listed("the use of a file (BHT06)", "31 CH RP")
BILLER_NUMBERS: Final = _listed("a further number of a biller", "0B 1G")
PLAN_NUMBERS: Final = _listed("a further number of a plan that is paid", "2U FY NF")
INSURED_NUMBERS: Final = _listed("a further number of a subscriber", "SY Y4")
PATIENT_NUMBERS: Final = _listed("a number of a patient", "1W SY Y4")
PAYER_NUMBERS: Final = _listed("a further number of a payer", "2U EI FY G2 LU NF")
OTHER_INSURED_NUMBERS: Final = _listed("a further number of another insured", "SY")
OTHER_PAYER_NUMBERS: Final = _listed("a further number of another payer", "2U EI FY NF T4")
PROVIDER_NUMBERS: Final = _listed("a further number of a provider", "0B 1G G2 LU")
OTHERS_BILLER_NUMBERS: Final = _listed("what another payer knows the biller by", "G2 LU")
LINE_FACILITY_NUMBERS: Final = _listed("a further number of a place on a line", "G2 LU")
ORDERER_NUMBERS: Final = _listed("a further number of who orders or refers", "0B 1G G2")
FACILITY_NUMBERS: Final = _listed("a further number of a place", "0B G2 LU")
PAYER_IDS: Final = _listed("the kind of a payer's number (NM108)", "PI XV")
TAX_IDS: Final = _listed("the kind of a biller's tax number", "EI SY")
ASSIGNMENTS: Final = _listed("the assignment of a claim (CLM07)", "A B C")
BENEFITS_ASSIGNED: Final = _listed("whether benefits are assigned", "N W Y")
RELEASES: Final = _listed("the release of information", "I Y")
SIGNATURES_ON_FILE: Final = _listed("whether a signature is on file (CLM06)", "N Y")
SIGNATURE_SOURCES: Final = _listed("the source of a signature", "P")
PROFESSIONAL_SETS: Final = _listed("the code set of a procedure", "ER HC IV WK")
INSTITUTIONAL_SETS: Final = _listed("the code set of a procedure", "ER HC HP IV WK")

CONTRACTS: Final = _listed("the kind of a contract", "01 02 03 04 05 06 09")
PROGRAMS: Final = _listed("the special program of a claim (CLM12)", "02 03 05 09")
DELAYS: Final = _listed("why a claim comes late (CLM20)", "1 2 3 4 5 6 7 8 9 10 11 15")
REPRICING_REJECTED: Final = _listed("why a repricer rejects", "T1 T2 T3 T4 T5 T6")
REPRICING_METHOD: Final = CodeForm("the method of a repricer", _TWO, digits=True)
REPRICING_DIGIT: Final = CodeForm("what a repricer says of policy or exception", _ONE, digits=True)
CLAIM_NUMBERS: Final = _listed("a further number of a claim", "1J 4N 9A 9C D9 EW F5 LX P4")
LINE_NUMBERS: Final = _listed("a further number of a line", "9B 9D BT EW F4")
REVENUE_LINE_NUMBERS: Final = _listed("a further number of a line", "9B 9D")
STAY_NUMBERS: Final = _listed("a further number of a claim", "4N 9A 9C D9 G4 LU LX P4")

NUMBERS_MAX: Final = {PLAN_NUMBERS: 1, PATIENT_NUMBERS: 2, OTHER_PAYER_NUMBERS: 3}
"""How many numbers somebody has, where that is less than there are kinds."""

TAX_ID: Final = CodeForm("the tax number of a biller", range(9, 10), digits=True)
SOCIAL_SECURITY: Final = "SY"
SOCIAL_SECURITY_NUMBER: Final = CodeForm("a social security number (REF*SY)", range(9, 10), digits=True)
PLACE_OF_SERVICE: Final = CodeForm("a place of service", _TWO, digits=True)
CLAIM_FILING: Final = CodeForm("a claim filing indicator (SBR09)", range(1, 3))
INSURANCE_TYPE: Final = CodeForm("an insurance type (SBR05)", range(1, 4))
MODIFIER: Final = CodeForm("a modifier", _TWO)
FACILITY_TYPE: Final = CodeForm("the type of a facility in a type of bill", _TWO)
BILL_FREQUENCY: Final = CodeForm("the frequency of a type of bill", _ONE)
ADMISSION_TYPE: Final = CodeForm("a type of admission (CL101)", _ONE)
ADMISSION_SOURCE: Final = CodeForm("a source of admission (CL102)", _ONE)
PATIENT_STATUS: Final = CodeForm("the status of a patient at discharge (CL103)", _TWO)
NUBC_CODE: Final = CodeForm("a condition, occurrence or value code", _TWO)
REPORT_TYPE: Final = CodeForm("the type of an attached report (PWK01)", _TWO)
STATE: Final = CodeForm("the state of an accident", _TWO)


def of_revision(qualifier: str, icd: int) -> str:
    """Return the qualifier of a code (HI) in its revision: BK is the older ABK. **Errors**: `CannotBeWritten`."""
    if icd not in _REVISIONS:
        raise CannotBeWritten("diagnoses are of the ninth or tenth revision")
    return qualifier if icd == _REVISIONS[1] else qualifier[1:]


def refuse_diagnoses(codes: tuple[str, ...]) -> None:
    """Refuse diagnoses with a dot, and the same one twice. **Errors**: `CannotBeWritten`."""
    joined = "".join(codes)
    if not (joined.isascii() and joined.isalnum()):
        raise CannotBeWritten("a diagnosis is letters and digits, without its dot")
    if len(set(codes)) != len(codes):
        raise CannotBeWritten("a claim names each diagnosis once")
