"""271 eligibility answers. **Source**: 005010X279A1."""

from typing import Final

from shared.x12.checks.notation import read_guide

_PROVIDER: Final = "=AD,AT,BI,CO,CV,H,HH,LA,OT,P1,P2,PC,PE,R,RF,SK,SU S=9K,D3,EI,HPI,PXC,SY,TJ S"
_CONTACT: Final = "R S S=ED,EM,FX,TE,UR,WP S S=ED,EM,EX,FX,TE,UR,WP S S=ED,EM,EX,FX,TE,UR,WP S"
_REFUSED: Final = "S 9  AAA           =N,Y - =@reject-reason =@follow-up"
_ZIP: Final = "S S S S S S S"
_PERSON: Final = f"""\
S 9  REF*18,1L,1W,3H,49,6P,CE,CT,EA,EJ,F6,GH,HJ,IF,IG,ML,N6,NQ,Q4,SY,Y4 . R S
S 1  N3            R S
S 1  N4            {_ZIP}
{_REFUSED}
S 1  PRV           {_PROVIDER}
S 1  DMG           S=D8 S S=F,M,U
S 1  INS           R R S=001 S=25 - - - - - - - - - - - - S
S 1  HI            R(=ABK,BK R) S(=ABF,BF R) S(=ABF,BF R) S(=ABF,BF R) S(=ABF,BF R) S(=ABF,BF R) S(=ABF,BF R)
 S(=ABF,BF R)
S 9  DTP*096,102,152,291,307,318,340,341,342,343,346,347,356,357,382,435,442,458,472,539,540,636,771 . =D8,RD8 R
S 1  MPI           R R R S S S S"""
_BENEFIT: Final = """\
R 1  EB            =@benefit S=@coverage-level S=@service-type^99
 S=12,13,14,15,16,41,42,43,47,AP,C1,CO,CP,D,DB,EP,FF,GP,HM,HN,HS,IN,IP,LC,LD,LI,LT,MA,MB,MC,MH,MI,MP,OT,PE,PL,PP,PR,PS,QM,RP,SP,TF,WC,WU
 S S=@period S S S=8H,99,CA,CE,D3,DB,DY,HS,LA,LE,M2,MN,P6,QA,S7,S8,VS,YY S S=N,U,W,Y S=N,U,W,Y
 S(=AD,CJ,HC,ID,IV,N4,ZZ R S S S S - S) S(R S S S)
S 9  HSD           S S S S S S S S
S 9  REF*18,1L,1W,49,6P,9F,ALS,CLI,F6,FO,G1,IG,M7,ML,N6,NQ . R S
S 20 DTP*096,193,194,198,290,291,292,295,304,307,318,346,347,348,349,356,357,435,472,636,771 . =D8,RD8 R
S 9  AAA           =N,Y - =@reject-reason =@follow-up
S 10 MSG           R"""
_RELATED: Final = f"""\
R 1  NM1*13,1I,1P,2B,36,73,FA,GP,GW,I3,IL,LR,OC,P3,P4,P5,PR,PRP,SEP,TTP,VER,VN,VY,X3,Y2 . =1,2 S S S - S
 S=24,34,46,FA,FI,II,MI,NI,PI,PP,SV,XV,XX S S
S 1  N3            R S
S 1  N4            {_ZIP}
S 3  PER*IC        . {_CONTACT.removeprefix("R ")}
S 1  PRV           {_PROVIDER}"""
_TABLE: Final = f"""
[271 answers]
R 1  ST*271        . R =005010X279A1,005010X279
R 1  BHT*0022      . =06,11 S R R
R *  2000A
R 1  SE            R R
[2000A payer level]
R 1  HL***20       R - . =0,1
{_REFUSED}
R 1  2100A
S *  2000B
[2100A payer]
R 1  NM1*2B,36,GP,P5,PR . =1,2 S S S - S =24,46,FI,NI,PI,XV,XX R
S 3  PER*IC        . {_CONTACT.removeprefix("R ")}
{_REFUSED}
[2000B provider level]
R 1  HL***21       R R . =0,1
R 1  2100B
S *  2000C
[2100B provider]
R 1  NM1*1P,2B,36,80,FA,GP,P5,PR . =1,2 S S S - S =24,34,FI,PI,PP,SV,XV,XX R
S 9  REF*0B,1C,1D,1J,4A,CT,EL,EO,HPI,JD,N5,N7,Q4,SY,TJ . R S
S 1  N3            R S
S 1  N4            {_ZIP}
{_REFUSED}
S 1  PRV           {_PROVIDER}
[2000C subscriber level]
R 1  HL***22       R R . =0,1
S 3  TRN*1,2       . R R S
R 1  2100C
S *  2000D
[2100C subscriber]
R 1  NM1*IL        . =1,2 S S S - S S=II,MI S
{_PERSON}
S *  2110C
[2110C benefit of the subscriber]
{_BENEFIT}
S 10 2115C
S 1  LS            R
S 23 2120C
S 1  LE            R
[2115C place or diagnosis of a benefit]
R 1  III           S=BF,BK,GR,NI,ZZ S S S
[2120C related party]
{_RELATED}
[2000D dependent level]
R 1  HL***23       R R . =0
S 3  TRN*1,2       . R R S
R 1  2100D
[2100D dependent]
R 1  NM1*03        . =1 S S S - S
{_PERSON}
S *  2110D
[2110D benefit of the dependent]
{_BENEFIT}
S 10 2115D
S 1  LS            R
S 23 2120D
S 1  LE            R
[2115D place or diagnosis of a benefit]
R 1  III           S=BF,BK,GR,NI,ZZ S S S
[2120D related party]
{_RELATED}
"""
GUIDE: Final = read_guide(
    _TABLE, name="005010X279A1", also=("005010X279",), functional_id="HB", title="eligibility answers (271)"
)
