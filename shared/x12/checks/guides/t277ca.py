"""277CA claim acknowledgements. **Source**: 005010X214."""

from typing import Final

from shared.x12.checks.notation import read_guide

_STATUS: Final = "R(R R S S) R =U,WQ S - - - - - S(R R S S) S(R R S S) S"
_TABLE: Final = f"""
[277 acknowledgement]
R 1  ST*277        . R =005010X214
R 1  BHT*0085      . =08 R R R =TH
R 1  2000A
R 1  SE            R R
[2000A source level]
R 1  HL***20       R - . =1
R 1  2100A
R 1  2200A
R 1  2000B
[2100A source]
R 1  NM1*AY,PR     . =2 R - - - - =46,FI,PI,XV R
[2200A transmission]
R 1  TRN*1         . R
R 1  DTP*050       . =D8 R
R 1  DTP*009       . =D8 R
[2000B receiver level]
R 1  HL***21       R R . =0,1
R 1  2100B
R 1  2200B
S *  2000C
[2100B receiver]
R 1  NM1*41        . =1,2 R S S - - =46 R
[2200B status of the file]
R 1  TRN*2         . R
R *  STC           {_STATUS}
S 1  QTY*90        . R
S 1  QTY*AA        . R
S 1  AMT*YU        . R
S 1  AMT*YY        . R
[2000C billing provider level]
R 1  HL***19       R R . =0,1
R 1  2100C
S 1  2200C
S *  2000D
[2100C billing provider]
R 1  NM1*85        . =1,2 R S S - S =FI,XX R
[2200C status of the provider's claims]
R 1  TRN*1         . R
S *  STC           {_STATUS.replace(") R =", ") S =", 1)}
S 3  REF*0B,1G,G2,LU,SY,TJ . R
S 1  QTY*QA        . R
S 1  QTY*QC        . R
S 1  AMT*YU        . R
S 1  AMT*YY        . R
[2000D patient level]
R 1  HL***PT       R R .
R 1  2100D
R *  2200D
[2100D patient]
R 1  NM1*QC        . =1,2 R S S - S S=II,MI S
[2200D claim]
R 1  TRN*2         . R
R *  STC           {_STATUS}
S 1  REF*1K        . R
S 1  REF*D9        . R
S 1  REF*BLT       . R
R 1  DTP*472       . =D8,RD8 R
S *  2220D
[2220D line]
R 1  SVC           R(=AD,ER,HC,HP,IV,N4,NU,WK R S S S S) R - S - - S
R *  STC           {_STATUS}
S 1  REF*FJ        . R
S 1  REF*XZ        . R
S 1  DTP*472       . =D8,RD8 R
"""
GUIDE: Final = read_guide(_TABLE, name="005010X214", functional_id="HN", title="claim acknowledgements (277CA)")
