"""Lists of X12's own codes that several tables share: values only, their texts belong to X12.

Owns: what the standard and the guides enumerate. Refuses: code sets that others keep (`code_sets.py` asks for those).
**Source**: X12 005010 and its guides; own wording where a label is given.
"""

from types import MappingProxyType
from typing import Final


def _list(text: str) -> frozenset[str]:
    return frozenset(text.split())


STATES: Final = _list(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI UM FM MH PW AA AE AP"
)
"""Postal codes of states, territories and forces. **Source**: USPS Publication 28."""
PROVINCES: Final = _list("AB BC MB NB NL NS NT NU ON PE QC SK YT")
PLACES_OF_SERVICE: Final = _list(
    "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 31 32 33 34 41 42 49 50 51 52 53 "
    "54 55 56 57 58 60 61 62 65 66 71 72 81 99"
)
"""**Source**: CMS place of service code set."""
BILL_FREQUENCIES: Final = _list("0 1 2 3 4 5 7 8 9 A B C D E F G H I J K M O P Q X Y Z")
ADMISSION_TYPES: Final = _list("1 2 3 4 5 9")
ADMISSION_SOURCES: Final = _list("1 2 4 5 6 8 9 D E F G")
PATIENT_STATUSES: Final = _list(
    "01 02 03 04 05 06 07 09 20 21 30 40 41 42 43 50 51 61 62 63 64 65 66 69 70 81 82 83 84 85 86 87 88 89 90 91 92 93 "
    "94 95"
)
"""What is in use of the lists for bills of hospitals. **Source**: NUBC, values only: its texts are licensed."""
STAYS: Final = _list("11 18 21 41")
"""Types of bill, without their frequency, of patients who stay over night. **Source**: NUBC, FL 4."""
UNLISTED: Final = _list(
    "A4421 A4641 A4649 A4913 A6261 A6262 A9150 A9152 A9153 A9280 A9698 A9699 A9900 A9999 B9998 B9999 C2698 C2699 C9399 "
    "E0769 E0770 E1399 E1699 E2599 G0501 G9012 J1599 J3490 J3535 J3590 J7199 J7599 J7699 J7799 J7999 J8498 J8499 J8597 "
    "J8999 J9999 K0108 K0812 K0898 K0899 L0999 L1499 L2999 L3649 L3999 L5999 L7499 L8039 L8499 L8699 P9603 Q0507 Q0508 "
    "Q0509 Q2039 Q4050 Q4051 Q4082 S8189 S9999 V2199 V2799 V5298 V5299"
)
"""Procedures that say only that there is no code, so they need a description. **Source**: HCPCS, values only."""
LISTS: Final = MappingProxyType(
    {
        "payer-order": _list("P S T A B C D E F G H U"),
        "filing": _list("11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ"),
        "remit-filing": _list("12 13 14 15 16 17 AM CH DS HM LM MA MB MC OF TV VA WC ZZ"),
        "insurance-type": _list("12 13 14 15 16 41 42 43 47"),
        "group": _list("CO CR OA PI PR"),
        "remit-group": _list("CO OA PI PR"),
        "remit-status": _list("1 2 3 4 19 20 21 22 23 25"),
        "relation": _list("01 18 19 20 21 39 40 53 G8"),
        "patient-relation": _list("01 19 20 21 39 40 53 G8"),
        "plb-reason": _list(
            "50 51 72 90 AH AM AP B2 B3 BD BN C5 CR CS CT CV CW DM E3 FB FC GO HM IP IR IS J1 L3 L6 LE LS OA OB PI PL "
            "RA RE SL TL WO WU"
        ),
        "report": _list(
            "03 04 05 06 07 08 09 10 11 13 15 21 A3 A4 AM AS B2 B3 B4 BR BS BT CB CK CT D2 DA DB DG DJ DS EB HC HR I5 "
            "IR LA M1 MT NN OB OC OD OE OX OZ P4 P5 PE PN PO PQ PY PZ RB RR RT RX SG V5 XP"
        ),
        "contract": _list("01 02 03 04 05 06 09"),
        "pricing": _list("00 01 02 03 04 05 07 08 09 10 11 12 13 14"),
        "line-pricing": _list("00 01 02 03 04 05 06 07 08 09 10 11 12 13 14"),
        "rejection": _list("T1 T2 T3 T4 T5 T6"),
        "policy": _list("1 2 3 4 5"),
        "exception": _list("1 2 3 4 5 6"),
        "certification": _list("01 04 05 06 07 08 09 12"),
        "delay": _list("1 2 3 4 5 6 7 8 9 10 11 15"),
        "sex": _list("F M U"),
        "set-fault": _list("1 2 3 4 5 6 7 10 11 12 13 15 16 17 18 19 23 24 25 26 I5 I6"),
        "set-verdict": _list("A E M R W X"),
        "group-verdict": _list("A E M P R W X"),
        "group-fault": _list("1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 23 24 25 26"),
        "segment-fault": _list("1 2 3 4 5 6 7 8 I4 I6 I7 I8 I9"),
        "element-fault": _list("1 2 3 4 5 6 7 8 9 10 12 13 I10 I11 I12 I13 I6 I9"),
        "reject-reason": _list(
            "04 15 33 35 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 67 68 69 70 71 72 "
            "73 74 75 76 77 78 79 80 97 98 AA AE AF AG AO CI E8 IA MA T4"
        ),
        "follow-up": _list("C N P R S W X Y"),
        "benefit": _list("1 2 3 4 5 6 7 8 A B C CB D E F G H I J K L M MC N O P Q R S T U V W X Y"),
        "coverage-level": _list("CHD DEP ECH EMP ESP FAM IND SPC SPO"),
        "period": _list("6 7 13 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36"),
        "service-type": _list(
            "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 30 32 33 34 35 36 37 38 39 40 "
            "41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 "
            "76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA "
            "AB AC AD AE AF AG AH AI AJ AK AL AM AN AO AQ AR B1 B2 B3 BA BB BC BD BE BF BG BH BI BJ BK BL BM BN BP BQ "
            "BR BS BT BU BV BW BX BY BZ C1 CA CB CC CD CE CF CG CH CI CJ CK CL CM CN CO CP CQ DG DM DS GF GN GY IC MH "
            "NI ON PT PU RN RT TC TN UC"
        ),
        "category": _list(
            "A0 A1 A2 A3 A4 A5 A6 A7 A8 D0 E0 E1 E2 E3 E4 F0 F1 F2 F3 F3F F3N F4 F5 P0 P1 P2 P3 P4 P5 R0 R1 R3 R4 R5 "
            "R6 R7 R8 R9 R10 R11 R12 R13 R14 R15 R16 R17 RQ X0"
        ),
        "entity": _list(
            "03 13 17 1E 1G 1H 1I 1O 1P 1Q 1R 1S 1T 1U 1V 1W 1X 1Y 1Z 28 2A 2B 2D 2E 2I 2K 2P 2Q 2S 2Z 30 36 3A 3C 3D "
            "3E 3F 3G 3H 3I 3J 3K 3L 3M 3N 3O 3P 3Q 3R 3S 3T 3U 3V 3W 3X 3Y 3Z 40 41 43 44 45 4A 4B 4C 4D 4E 4F 4G 4H "
            "4I 4J 4L 4M 4N 4O 4P 4Q 4R 4S 4U 4V 4W 4X 4Y 4Z 5A 5B 5C 5D 5E 5F 5G 5H 5I 5J 5K 5L 5M 5N 5O 5P 5Q 5R 5S "
            "5T 5U 5V 5W 5X 5Y 5Z 61 6A 6B 6C 6D 6E 6F 6G 6H 6I 6J 6K 6L 6M 6N 6O 6P 6Q 6R 6S 6U 6V 6W 6X 6Y 71 72 73 "
            "74 77 7C 80 82 84 85 87 95 CK CZ D2 DD DJ DK DN DO DQ E1 E2 E7 E9 FA FD FE G0 G3 GB GD GI GJ GK GM GY HF "
            "HH I3 IJ IL IN LI LR MR MSC OB OD OX P0 P2 P3 P4 P6 P7 PE PR PRP PT PV PW QA QB QC QD QE QH QK QL QN QO "
            "QS QV QY RC RW S4 SEP SJ SU T4 TL TQ TT TTP TU UH X3 X4 X5 ZZ"
        ),
    }
)
