"""What both guides of claims demand alike, each fact once. **Source**: 005010X222A1, 005010X223A2.

Owns: loops that are the same in both (`LOOPS`), and the lines that loops of both begin with or hold. Refuses: what they
say otherwise (`t837p.py`, `t837i.py`).
"""

from typing import Final

CONTACT: Final = "S=EM,EX,FX,TE S S=EM,EX,FX,TE S"
PROVIDER: Final = "R S S - S S=XX S"
ORGANISATION: Final = "R - - - - S=XX S"
CITY: Final = "R S S S - - S"
ADDRESS: Final = f"""\
R 1  N3            R S
R 1  N4            {CITY}"""
ADDRESS_IF_KNOWN: Final = f"""\
S 1  N3            R S
S 1  N4            {CITY}"""
CAS: Final = "=@group R R S S S S S S S S S S S S S S S S"
PAPERWORK: Final = "=AA,BM,EL,EM,FT,FX - - S=AC S"
CONTRACT: Final = "=@contract S S S S S"
CONDITIONS: Final = "S=AV,NU,S2,ST"
SERVICE: Final = "R S S S S S"
ALSO_OF: Final = "R - S(=2U R)"
HEADER: Final = """\
R 1  BHT*0019      . =00,18 R R R =31,CH,RP
R 1  1000A
R 1  1000B
R *  2000A
R 1  SE            R R"""
BELOW_SUBSCRIBER: Final = """\
R 1  2010BA
R 1  2010BB
S 100 2300
S *  2000C"""
SUBSCRIBER: Final = f"""\
R 1  NM1*IL        . =1,2 R S S - S S=II,MI S
{ADDRESS_IF_KNOWN}
S 1  DMG           =D8 R =@sex
S 1  REF*SY        . R
S 1  REF*Y4        . R"""
PATIENT: Final = f"""\
R 1  NM1*QC        . =1 R S S - S
{ADDRESS}
R 1  DMG           =D8 R =@sex
S 1  REF*Y4        . R
S 1  REF*1W,SY     . R"""
OTHER_PAYER_AMOUNTS: Final = f"""\
S 5  CAS           {CAS}
S 1  AMT*D         . R
S 1  AMT*A8        . R
S 1  AMT*EAF       . R"""
OTHER_SUBSCRIBER: Final = f"""\
R 1  NM1*IL        . =1,2 R S S - S =II,MI R
{ADDRESS_IF_KNOWN}"""
DECISION: Final = f"""\
S 5  CAS           {CAS}
R 1  DTP*573       . =D8 R
S 1  AMT*EAF       . R"""
DRUG: Final = """\
R 1  CTP           - - - R R(=F2,GR,ME,ML,UN)
S 1  REF*VY,XZ     . R"""
LOOPS: Final = f"""\
[1000A submitter]
R 1  NM1*41        . =1,2 R S S - - =46 R
R 2  PER*IC        . S =EM,FX,TE R {CONTACT}
[1000B receiver]
R 1  NM1*40        . =2 R - - - - =46 R
[2000A billing provider level]
R 1  HL***20       R - . =1
S 1  PRV*BI        . =PXC R
S 1  CUR*85        . R
R 1  2010AA
S 1  2010AB
S 1  2010AC
R *  2000B
[2010AC pay-to plan]
R 1  NM1*PE        . =2 R - - - - =PI,XV R
{ADDRESS}
S 1  REF*2U,FY,NF  . R
R 1  REF*EI        . R
[2010BB payer]
R 1  NM1*PR        . =2 R - - - - =PI,XV R
{ADDRESS_IF_KNOWN}
S 3  REF*2U,EI,FY,NF . R
S 2  REF*G2,LU     . R
[2330B other payer]
R 1  NM1*PR        . =2 R - - - - =PI,XV R
{ADDRESS_IF_KNOWN}
S 1  DTP*573       . =D8 R
S 2  REF*2U,EI,FY,NF . R
S 1  REF*G1        . R
S 1  REF*9F        . R
S 1  REF*T4        . =Y
S 1  REF*F8        . R
"""
