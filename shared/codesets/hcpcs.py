"""Procedure codes as of a date of service: HCPCS Level II, from the quarterly file of CMS or restated by hand.

The restated table is partial, so a code that it lacks is "not loaded", never "unknown"; the file is whole. CPT (four
digits and a digit or letter) and CDT (D codes) are licensed and do not ship: the answer is "not loaded" until a user
supplies them.
Never ask whether a text *looks like* HCPCS to decide its code system: 270 ICD-10-CM codes look the same.
**Source**: CMS HCPCS release of July 2026 for the restated codes, of July 2024 for their dates; contractor record
layout for what the file says of a code.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final

from shared.codesets import code_list
from shared.codesets.code_list import licensed
from shared.codesets.dated import DatedTable, labelled
from shared.codesets.edition import Answer, Interval, Provenance, TableNotLoaded, Why
from shared.codesets.library import Library, System

_CPT_SHAPE: Final = re.compile(r"[0-9]{4}[0-9A-Z]")
_CDT_SHAPE: Final = re.compile(r"D[0-9]{4}")
_UNLISTED: Final = re.compile(
    r"not otherwise classified|not elsewhere (?:classified|specified)|unlisted|unclassified|unspecified|miscellaneous"
    r"|\bnoc\b|without a code of its own",
    re.IGNORECASE,
)
_NOT_SPECIFIED: Final = re.compile(
    r"(?<!reason )not[ -]otherwise[ -](?:specified|listed|coded)|(?<![\w-])nos\b", re.IGNORECASE
)
_DOSE: Final = re.compile(r"\d\s*(?:mg|mcg|ml|gm|gram|units?|i\.?u\.?|micrograms?|meq)\b", re.IGNORECASE)


class Coverage(StrEnum):
    """What Medicare's contractors are told of a code, in the letters of the file."""

    CONTRACTOR = "C"  # the contractor judges
    SPECIAL = "D"  # special instructions apply
    NOT_PAYABLE = "I"  # not payable by Medicare
    NOT_COVERED = "M"
    EXCLUDED = "S"  # by statute


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureCode:
    """One Level II code.

    **Shape**: `valid` until the day of termination, the last usable one; what is None or empty was not said, as in the
    restated table. `unspecific`: the code does not say what was done or given, so that a claim has to describe it
    (SV101-7). `instead`: codes that CMS refers to from this one. **Units**: `anesthesia_units` are base units.
    """

    code: str
    label: str
    valid: Interval
    unspecific: bool = False
    description: str | None = None
    coverage: Coverage | None = None
    betos: str | None = None
    types_of_service: tuple[str, ...] = ()
    pricing: tuple[str, ...] = ()
    anesthesia_units: int | None = None
    instead: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """Return the label, how Medicare covers it, and whether a claim has to describe it."""
        said = (self.label, self.coverage and f"coverage {self.coverage.value}", self.unspecific and "unspecific")
        return ", ".join(each for each in said if each)


def answer(library: Library, code: str, on: date) -> Answer:
    """Return what is known of a procedure code on a date of service, by the code set that it belongs to."""
    if is_cpt(code):
        return licensed(library, code_list.CPT, code, on)
    if is_cdt(code):
        return licensed(library, code_list.CDT, code, on)
    return library.look_up(SYSTEM, code, on)


def look_up(code: str, on: date, *, table: DatedTable[ProcedureCode] | None = None) -> Answer:
    """Return what is known of a procedure code on a date of service. **Shape**: `table` None: the restated one."""
    return of_another_set(code) or (HCPCS if table is None else table).look_up(code, on)


def of_another_set(code: str) -> TableNotLoaded | None:
    """Return that a code is CPT or CDT, which nobody supplied; None for a code of Level II."""
    if is_cpt(code):
        return TableNotLoaded(code_list.CPT.name, Why.LICENSED)
    return TableNotLoaded(code_list.CDT.name, Why.LICENSED) if is_cdt(code) else None


def is_cpt(code: str) -> bool:
    """Return whether a procedure code belongs to CPT, which no Level II code resembles."""
    return _CPT_SHAPE.fullmatch(code) is not None


def is_cdt(code: str) -> bool:
    """Return whether a procedure code belongs to CDT, the dental codes."""
    return _CDT_SHAPE.fullmatch(code) is not None


def is_unspecific(description: str) -> bool:
    """Return whether a description leaves open what was done or given.

    A drug "not otherwise specified" with its dose is told from others by name, so nothing has to be described.
    """
    if _UNLISTED.search(description):
        return True
    return _NOT_SPECIFIED.search(description) is not None and _DOSE.search(description) is None


_LINES: Final = """\
A0425 2001-01-01.. Ambulance on the ground, per mile
A0427 2001-01-01.. Ambulance, advanced life support, emergency
A0428 2001-01-01.. Ambulance, basic life support, not an emergency
A0429 2001-01-01.. Ambulance, basic life support, emergency
A4215 1985-01-01.. Sterile needle
A4216 2004-01-01.. Sterile water or saline, 10 ml
A4217 2004-01-01.. Sterile water or saline, 500 ml
A4253 1986-01-01.. Blood glucose strips, 50
A4259 1985-01-01.. Lancets, 100
A4550 1982-01-01.. Surgical tray
A4565 1983-01-01.. Sling
A4570 1982-01-01.. Splint
A4580 1982-01-01.. Cast supplies
A6402 1997-01-01.. Sterile gauze, up to 16 square inches
A7003 2000-01-01.. Nebulizer set, disposable
A7005 2000-01-01.. Nebulizer set, reusable
A7030 2003-01-01.. Full face mask for positive airway pressure
A7034 2003-01-01.. Nasal mask for positive airway pressure
A7037 2003-01-01.. Tubing for positive airway pressure
A9270 1986-01-01.. Item or service that is not covered
A9500 1996-01-01.. Technetium sestamibi, one study dose
A9585 2012-01-01.. Gadobutrol, 0.1 ml
E0100 1986-01-01.. Cane
E0105 1986-01-01.. Cane with three or four prongs
E0110 1986-01-01.. Forearm crutches, pair
E0114 1986-01-01.. Underarm crutches, not wood, pair
E0130 1986-01-01.. Walker, rigid
E0135 1986-01-01.. Walker, folding
E0143 1986-01-01.. Walker, folding, with wheels
E0163 1986-01-01.. Commode chair, fixed arms
E0260 1986-01-01.. Hospital bed, semi-electric, with rails and mattress
E0431 1993-01-01.. Portable oxygen gas, rental
E0439 1993-01-01.. Stationary liquid oxygen, rental
E0470 2004-01-01.. Bi-level airway pressure device without backup rate
E0562 2004-01-01.. Heated humidifier for positive airway pressure
E0570 1986-01-01.. Nebulizer with compressor
E0601 1988-01-01.. Continuous positive airway pressure device
E0607 1986-01-01.. Home blood glucose monitor
E1390 2000-01-01.. Oxygen concentrator
E1399 1986-01-01.. Durable equipment without a code of its own
G0008 1994-01-01.. Giving an influenza vaccine
G0009 1994-01-01.. Giving a pneumococcal vaccine
G0010 1994-01-01.. Giving a hepatitis B vaccine
G0101 1998-01-01.. Screening pelvic and breast exam
G0102 2000-01-01.. Prostate screening by digital exam
G0103 2000-01-01.. Prostate screening by PSA test
G0104 1998-01-01.. Colorectal screening by flexible sigmoidoscopy
G0105 1998-01-01.. Colorectal screening by colonoscopy, high risk
G0108 1998-07-01.. Diabetes self-management training, one patient, 30 minutes
G0109 1998-07-01.. Diabetes self-management training, group, 30 minutes
G0121 1998-01-01.. Colorectal screening by colonoscopy, average risk
G0179 2001-01-01.. Recertifying a home health plan of care
G0180 2000-10-01.. Certifying a home health plan of care
G0181 2001-01-01.. Overseeing a home health plan of care
G0182 2001-01-01.. Overseeing a hospice patient's plan of care
G0202 2001-04-01..2017-12-31 Screening mammogram, both breasts
G0204 2001-04-01..2017-12-31 Diagnostic mammogram, both breasts
G0206 2001-04-01..2017-12-31 Diagnostic mammogram, one breast
G0270 2003-01-01.. Nutrition therapy after a change, one patient, 15 minutes
G0283 2003-01-01.. Unattended electrical stimulation, not for wounds
G0296 2015-02-05.. Counseling before lung cancer screening
G0297 2015-02-05..2020-12-31 Lung cancer screening by low-dose CT
G0299 2015-11-02.. Skilled nursing at home by a registered nurse, 15 minutes
G0300 2015-11-02.. Skilled nursing at home by a licensed practical nurse, 15 minutes
G0316 2023-01-01.. Prolonged hospital visit, each further 15 minutes
G0317 2023-01-01.. Prolonged nursing facility visit, each further 15 minutes
G0318 2023-01-01.. Prolonged home visit, each further 15 minutes
G0378 2006-01-01.. Hospital observation, per hour
G0379 2006-01-01.. Direct admission to observation
G0402 2009-01-01.. Welcome to Medicare visit
G0403 2009-01-01.. Electrocardiogram with the Welcome to Medicare visit
G0404 2009-01-01.. Electrocardiogram with the Welcome to Medicare visit, tracing only
G0405 2009-01-01.. Electrocardiogram with the Welcome to Medicare visit, reading only
G0438 2011-01-01.. First annual wellness visit
G0439 2011-01-01.. Later annual wellness visit
G0442 2011-10-14.. Yearly alcohol misuse screening
G0443 2011-10-14.. Brief alcohol misuse counseling, 15 minutes
G0444 2011-10-14.. Yearly depression screening
G0445 2011-11-08.. Counseling against sexually transmitted infection, 30 minutes
G0446 2011-11-08.. Cardiovascular disease counseling, 15 minutes
G0447 2011-11-29.. Obesity counseling, 15 minutes
G0463 2014-01-01.. Hospital outpatient clinic visit
G0472 2014-06-02.. Hepatitis C antibody screening
G0473 2015-01-01.. Obesity counseling, group, 30 minutes
G0475 2015-04-13.. HIV screening by antigen and antibody
G0476 2015-07-09.. HPV screening by nucleic acid
G0480 2016-01-01.. Definitive drug test, 1 to 7 classes
G0481 2016-01-01.. Definitive drug test, 8 to 14 classes
G0482 2016-01-01.. Definitive drug test, 15 to 21 classes
G0483 2016-01-01.. Definitive drug test, 22 or more classes
G0506 2017-01-01.. Planning before chronic care management
G0513 2018-01-01.. Prolonged preventive service, first 30 minutes
G0514 2018-01-01.. Prolonged preventive service, each further 30 minutes
G2010 2019-01-01.. Remote review of a patient's pictures or video
G2012 2019-01-01..2024-12-31 Virtual check-in, 5 to 10 minutes
G2211 2021-01-01.. Complexity of a continuing care relationship
G2212 2021-01-01.. Prolonged office visit, each further 15 minutes
G2213 2021-01-01.. Starting opioid use disorder medication in an emergency room
G2214 2021-01-01.. Collaborative psychiatric care, first 30 minutes
G2250 2021-01-01.. Remote review of pictures, by staff who do not bill visits
G2251 2021-01-01.. Virtual check-in, by staff who do not bill visits
G2252 2021-01-01.. Virtual check-in, 11 to 20 minutes
H0001 2001-01-01.. Alcohol or drug assessment
H0004 2001-01-01.. Behavioral counseling, 15 minutes
H0015 2001-01-01.. Intensive outpatient program for alcohol or drugs
H0020 2001-01-01.. Methadone given by a program
H0031 2003-01-01.. Mental health assessment by a non-physician
H0038 2003-01-01.. Peer support, 15 minutes
H2011 2003-04-01.. Crisis intervention, 15 minutes
J0131 2012-01-01.. Acetaminophen into a vein, 10 mg
J0290 1984-01-01.. Ampicillin, 500 mg
J0456 2000-01-01.. Azithromycin into a vein, 500 mg
J0585 1991-01-01.. Botulinum toxin type A (onabotulinum), 1 unit
J0690 1982-01-01.. Cefazolin, 500 mg
J0692 2002-01-01.. Cefepime, 500 mg
J0696 1990-01-01.. Ceftriaxone, 250 mg
J0702 1995-01-01.. Betamethasone acetate and phosphate, 3 mg each
J0744 2002-01-01.. Ciprofloxacin into a vein, 200 mg
J0780 1984-01-01.. Prochlorperazine, up to 10 mg
J0881 2006-01-01.. Darbepoetin, not for dialysis, 1 microgram
J0885 2006-01-01.. Epoetin, not for dialysis, 1,000 units
J0897 2012-01-01.. Denosumab, 1 mg
J1010 2024-04-01.. Methylprednisolone acetate, 1 mg
J1020 1982-01-01..2024-03-31 Methylprednisolone acetate, 20 mg
J1030 1982-01-01..2024-03-31 Methylprednisolone acetate, 40 mg
J1040 1982-01-01..2024-03-31 Methylprednisolone acetate, 80 mg
J1050 2013-01-01.. Medroxyprogesterone acetate, 1 mg
J1071 2015-01-01.. Testosterone cypionate, 1 mg
J1100 1982-01-01.. Dexamethasone sodium phosphate, 1 mg
J1160 1982-01-01.. Digoxin, up to 0.5 mg
J1170 1982-01-01..2024-09-30 Hydromorphone, up to 4 mg
J1200 1982-01-01.. Diphenhydramine, up to 50 mg
J1439 2015-01-01.. Ferric carboxymaltose, 1 mg
J1580 1984-01-01.. Gentamicin, up to 80 mg
J1610 1986-01-01.. Glucagon, 1 mg
J1626 1998-01-01.. Granisetron, 100 micrograms
J1630 1986-01-01.. Haloperidol, up to 5 mg
J1642 1995-01-01.. Heparin to flush a line, 10 units
J1644 1995-01-01.. Heparin, 1,000 units
J1650 1996-01-01.. Enoxaparin, 10 mg
J1720 1982-01-01.. Hydrocortisone sodium succinate, up to 100 mg
J1745 2000-01-01.. Infliximab other than biosimilar, 10 mg
J1756 2003-01-01.. Iron sucrose, 1 mg
J1815 2003-01-01.. Insulin, 5 units
J1885 1993-01-01.. Ketorolac, 15 mg
J1956 1999-01-01.. Levofloxacin, 250 mg
J2001 2004-01-01..2024-09-30 Lidocaine into a vein, 10 mg
J2060 1982-01-01.. Lorazepam, 2 mg
J2175 1986-01-01.. Meperidine, 100 mg
J2250 1996-01-01.. Midazolam, 1 mg
J2270 1982-01-01.. Morphine, up to 10 mg
J2405 1993-01-01.. Ondansetron, 1 mg
J2550 1982-01-01.. Promethazine, up to 50 mg
J2785 2009-01-01.. Regadenoson, 0.1 mg
J2919 2024-04-01.. Methylprednisolone sodium succinate, 5 mg
J2920 1982-01-01..2024-03-31 Methylprednisolone sodium succinate, up to 40 mg
J2930 1984-01-01..2024-03-31 Methylprednisolone sodium succinate, up to 125 mg
J3010 1982-01-01.. Fentanyl, 0.1 mg
J3301 1991-01-01.. Triamcinolone acetonide (Kenalog and alike), 10 mg
J3360 1982-01-01.. Diazepam, up to 5 mg
J3411 2004-01-01.. Thiamine, 100 mg
J3420 1986-01-01.. Vitamin B-12, up to 1,000 micrograms
J3475 1996-01-01.. Magnesium sulfate, 500 mg
J3480 1996-01-01.. Potassium chloride, 2 mEq
J3489 2014-01-01.. Zoledronic acid, 1 mg
J3490 1986-01-01.. Drug without a code of its own
J3590 2003-01-01.. Biologic without a code of its own
J7030 1982-01-01.. Saline, 1,000 ml
J7040 1984-01-01.. Saline, 500 ml
J7050 1982-01-01.. Saline, 250 ml
J7060 1985-01-01.. Dextrose 5 percent, 500 ml
J7120 1982-01-01.. Lactated Ringer's, up to 1,000 ml
J7298 2016-01-01.. Levonorgestrel IUD (Mirena)
J7300 1986-01-01.. Copper IUD
J7307 2008-01-01.. Etonogestrel implant
J7613 2005-01-01.. Albuterol for a nebulizer, 1 mg, unit dose
J7620 2006-01-01.. Albuterol with ipratropium for a nebulizer
J7626 2002-01-01.. Budesonide for a nebulizer, up to 0.5 mg
J7644 2000-01-01.. Ipratropium for a nebulizer, 1 mg
J9217 1991-01-01.. Leuprolide depot, 7.5 mg
J9271 2016-01-01.. Pembrolizumab, 1 mg
J9312 2019-01-01.. Rituximab, 10 mg
K0001 1994-01-01.. Standard wheelchair
K0003 1994-01-01.. Lightweight wheelchair
L1812 2014-01-01.. Elastic knee brace with joints, ready to wear
L1830 1986-01-01.. Knee immobilizer
L1902 1988-01-01.. Ankle gauntlet
L3260 1984-01-01.. Surgical shoe
L3650 1986-01-01.. Figure-of-eight shoulder brace
L3908 1986-01-01.. Wrist cock-up splint
L4350 1989-01-01.. Ankle stirrup brace
L4361 2014-01-01.. Pneumatic walking boot, ready to wear
L4387 2014-01-01.. Walking boot without air, ready to wear
P3000 1992-01-01.. Screening Pap smear read by a technician
P3001 1992-01-01.. Screening Pap smear read by a physician
P9603 1987-01-01.. Travel to collect a specimen, per mile
P9604 1987-01-01.. Travel to collect a specimen, flat fee
P9612 1999-01-01.. Catheter to collect a urine specimen
Q0091 1992-01-01.. Taking a screening Pap smear
Q0111 1994-01-01.. Wet mount
Q0112 1994-01-01.. Potassium hydroxide preparation
Q0144 1996-07-01.. Azithromycin by mouth, 1 gram
Q0162 2012-01-01.. Ondansetron by mouth, 1 mg, with chemotherapy
Q3014 2001-10-01.. Telehealth originating site fee
R0070 1982-01-01.. Moving portable x-ray equipment, one patient
R0075 1986-01-01.. Moving portable x-ray equipment, several patients
S0610 2000-01-01.. Yearly gynecological exam, new patient
S0612 2000-01-01.. Yearly gynecological exam, established patient
S9083 2002-01-01.. Urgent care global fee
S9088 2001-01-01.. Urgent care add-on
T1013 2001-07-01.. Sign language or spoken interpreting, 15 minutes
T1015 2002-01-01.. All-inclusive clinic visit
T1016 2002-07-01.. Case management, 15 minutes
V2020 1985-01-01.. Eyeglass frame
V2100 1985-01-01.. Single vision lens, plano to 4.00
V5008 1990-01-01.. Hearing screening
"""

HCPCS: Final = DatedTable(
    Provenance(
        system="hcpcs",
        release="restated from the release of July 2026",
        effective_from=date(2015, 10, 1),
        effective_to=date(2026, 9, 30),  # the release of October 2026 was not seen
        source="CMS HCPCS Level II, restated with own labels",
        complete=False,
    ),
    (
        ProcedureCode(code=row.code, label=row.label, valid=row.valid, unspecific=is_unspecific(row.label))
        for row in labelled(_LINES.splitlines())
    ),
    elsewhere=of_another_set,
)
SYSTEM: Final = System(
    name="hcpcs",
    title="HCPCS Level II procedure codes",
    source="https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system/quarterly-update",
    read=partial(DatedTable.read, "hcpcs", ProcedureCode, elsewhere=of_another_set),
)
