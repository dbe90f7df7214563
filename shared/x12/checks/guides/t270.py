"""270 eligibility questions. **Source**: 005010X279A1."""

from typing import Final

from shared.x12.checks.notation import read_guide

_PROVIDER: Final = "=AD,AT,BI,CO,CV,H,HH,LA,OT,P1,P2,PC,PE,R,RF,SB,SK,SU S=9K,D3,EI,HPI,PXC,SY,TJ S"
_ZIP: Final = "S S S S - - S"
_PERSON: Final = f"""\
S 9  REF*18,1L,1W,3H,6P,CT,EA,EJ,F6,GH,HJ,IG,N6,NQ,SY,Y4 . R S
S 1  N3            R S
S 1  N4            {_ZIP}
S 1  PRV           {_PROVIDER}
S 1  DMG           S=D8 S S=F,M
S 1  INS           R R - - - - - - - - - - - - - - S
S 1  HI            R(=ABK,BK R) S(=ABF,BF R) S(=ABF,BF R) S(=ABF,BF R) S(=ABF,BF R) S(=ABF,BF R) S(=ABF,BF R)
 S(=ABF,BF R)
S 2  DTP*102,291   . =D8,RD8 R"""
_QUESTION: Final = """\
R 1  EQ            S=@service-type^99 S(=AD,CJ,HC,ID,IV,N4,ZZ R S S S S) S=FAM,IND - S(R S S S)
S 2  AMT*PB,R      . R
S 1  III           S=BF,BK,ZZ S
S 1  REF*9F,G1     . R
S 1  DTP*291       . =D8,RD8 R"""
_TABLE: Final = f"""
[270 questions]
R 1  ST*270        . R =005010X279A1,005010X279
R 1  BHT*0022      . =01,13,36 S R R S=RT,RU
R *  2000A
R 1  SE            R R
[2000A payer level]
R 1  HL***20       R - . =1
R 1  2100A
R *  2000B
[2100A payer]
R 1  NM1*2B,36,GP,P5,PR . =1,2 S S S - S =24,46,FI,NI,PI,XV,XX R
[2000B provider level]
R 1  HL***21       R R . =1
R 1  2100B
R *  2000C
[2100B provider]
R 1  NM1*1P,2B,36,80,FA,GP,P5,PR . =1,2 S S S - S =24,34,FI,PI,PP,SV,XV,XX R
S 9  REF*0B,1C,1D,1J,4A,CT,EL,EO,HPI,JD,N5,N7,Q4,SY,TJ . R S
S 1  N3            R S
S 1  N4            {_ZIP}
S 1  PRV           {_PROVIDER}
[2000C subscriber level]
R 1  HL***22       R R . =0,1
S 2  TRN*1         . R R S
R 1  2100C
S *  2000D
[2100C subscriber]
R 1  NM1*IL        . =1,2 S S S - S S=II,MI S
{_PERSON}
S 99 2110C
[2110C what is asked of the subscriber]
{_QUESTION}
[2000D dependent level]
R 1  HL***23       R R . =0
S 2  TRN*1         . R R S
R 1  2100D
[2100D dependent]
R 1  NM1*03        . =1 S S S - S
{_PERSON}
R 99 2110D
[2110D what is asked of the dependent]
{_QUESTION}
"""
GUIDE: Final = read_guide(
    _TABLE, name="005010X279A1", also=("005010X279",), functional_id="HS", title="eligibility questions (270)"
)
