"""276 questions for the status of claims. **Source**: 005010X212."""

from typing import Final

from shared.x12.checks.notation import read_guide

_CLAIM: Final = """\
R 1  TRN*1         . R
S 1  REF*1K        . R
S 1  REF*BLT       . R
S 1  REF*LU        . R
S 1  REF*6P        . R
S 1  REF*EJ        . R
S 1  REF*XZ        . R
S 1  REF*D9        . R
S 1  AMT*T3        . R
S 1  DTP*472       . =D8,RD8 R"""
_LINE: Final = """\
R 1  SVC           R(=AD,ER,HC,HP,IV,N4,NU,WK R S S S S) R - S - - R
S 1  REF*FJ        . R
R 1  DTP*472       . =D8,RD8 R"""
_TABLE: Final = f"""
[276 questions]
R 1  ST*276        . R =005010X212
R 1  BHT*0010      . =13 R R R
R *  2000A
R 1  SE            R R
[2000A payer level]
R 1  HL***20       R - . =1
R 1  2100A
R *  2000B
[2100A payer]
R 1  NM1*PR        . =2 R - - - - =PI,XV R
[2000B information receiver level]
R 1  HL***21       R R . =1
R 1  2100B
R *  2000C
[2100B information receiver]
R 1  NM1*41        . =1,2 S S S - - =46 R
[2000C provider level]
R 1  HL***19       R R . =1
R 2  2100C
R *  2000D
[2100C provider]
R 1  NM1*1P        . =1,2 S S S - S =FI,SV,XX R
[2000D subscriber level]
R 1  HL***22       R R . =0,1
S 1  DMG           =D8 R S=F,M
R 1  2100D
S *  2200D
S *  2000E
[2100D subscriber]
R 1  NM1*IL        . =1,2 R S S - S =24,II,MI R
[2200D claim of the subscriber]
{_CLAIM}
S *  2210D
[2210D line of the subscriber's claim]
{_LINE}
[2000E dependent level]
R 1  HL***23       R R .
R 1  DMG           =D8 R S=F,M
R 1  2100E
R *  2200E
[2100E dependent]
R 1  NM1*QC        . =1 R S S - S
[2200E claim of the dependent]
{_CLAIM}
S *  2210E
[2210E line of the dependent's claim]
{_LINE}
"""
GUIDE: Final = read_guide(_TABLE, name="005010X212", functional_id="HR", title="status questions (276)")
