"""835 remittances. **Source**: 005010X221A1."""

from typing import Final

from shared.x12.checks.notation import read_guide

_CAS: Final = "=@remit-group R R S S S S S S S S S S S S S S S S"
_TABLE: Final = f"""
[835 remittance]
R 1  ST*835        . R
R 1  BPR           =C,D,H,I,P,U,X R =C,D =ACH,BOP,CHK,FWT,NON S=CCP,CTX S=01,04 S S=DA S S S S=01,04 S S=DA,SG S R
R 1  TRN*1         . R R S
S 1  CUR*PR        . R S
S 1  REF*EV        . R
S 1  REF*F2        . R
S 1  DTM*405       . R
R 1  1000A
R 1  1000B
S *  2000
S *  PLB           R R R(=@plb-reason S) R S(=@plb-reason S) S S(=@plb-reason S) S S(=@plb-reason S) S
 S(=@plb-reason S) S S(=@plb-reason S) S
R 1  SE            R R
[1000A payer]
R 1  N1*PR         . R S=XV S
R 1  N3            R S
R 1  N4            R S S S - - S
S 4  REF*2U,EO,HI,NF . R
S 1  PER*CX        . S S=EM,FX,TE S S=EM,EX,FX,TE S S=EX S
R *  PER*BL        . S S=EM,TE,UR S S=EM,EX,FX,TE,UR S S=EM,EX,FX,UR S
S 1  PER*IC        . - =UR R
[1000B payee]
R 1  N1*PE         . R =FI,XV,XX R
S 1  N3            R S
S 1  N4            R S S S - - S
S *  REF*0B,D3,PQ,TJ . R
S 1  RDM           =BM,EM,FT,OL S S
[2000 header number]
R 1  LX            R
S 1  TS3           R R R R R - - - - - - - S - S - S S - S S S S S
S 1  TS2           S S S S S S S S S S S S S S S S S S S
R *  2100
[2100 claim payment]
R 1  CLP           R<38 =@remit-status R R S =@remit-filing R S S - S S S
S 99 CAS           {_CAS}
R 1  NM1*QC        . =1 S S S - S S=34,HN,II,MI,MR S
S 1  NM1*IL        . =1,2 S S S - S =FI,II,MI R
S 1  NM1*74        . =1,2 S S S - S S=C S
S 1  NM1*82        . =1,2 S S S - S =BD,BS,FI,MC,PC,SL,UP,XX R
S 1  NM1*TT        . =2 R - - - - =AD,FI,NI,PI,PP,XV R
S 1  NM1*PR        . =2 R - - - - =AD,FI,NI,PI,PP,XV R
S 1  NM1*GB        . =1,2 S S S - S S=FI,II,MI S
S 1  MIA           R S S S S S S S S S S S S S S S S S S S S S S S
S 1  MOA           S S S S S S S S S
S 5  REF*1L,1W,28,6P,9A,9C,BB,CE,EA,F8,G1,G3,IG,SY . R
S 10 REF*0B,1A,1B,1C,1D,1G,1H,1J,D3,G2,LU . R
S 2  DTM*232,233   . R
S 1  DTM*036       . R
S 1  DTM*050       . R
S 2  PER*CX        . S =EM,FX,TE R S=EM,EX,FX,TE S S=EX S
S 13 AMT           =AU,D8,DY,F5,I,NL,T,T2,ZK,ZL,ZM,ZN,ZO R
S 14 QTY           =CA,CD,LA,LE,NE,NR,OU,PS,VS,ZK,ZL,ZM,ZN,ZO R
S 999 2110
[2110 service payment]
R 1  SVC           R(=AD,ER,HC,HP,IV,N4,N6,NU,UI,WK R S S S S) R R S S S(=AD,ER,HC,HP,IV,N4,NU,WK R S S S S S) S
S 2  DTM*150,151,472 . R
S 99 CAS           {_CAS}
S 8  REF*1S,APC,BB,E9,G1,G3,LU,RB . R
S 1  REF*6R        . R
S 10 REF*0B,1A,1B,1C,1D,1G,1H,1J,D3,G2,HPI,SY,TJ . R
S 5  REF*0K        . R
S 9  AMT           =B6,KH,T,T2,ZK,ZL,ZM,ZN,ZO R
S 6  QTY           =ZK,ZL,ZM,ZN,ZO R
S 99 LQ            =HE,RX R
"""
GUIDE: Final = read_guide(
    _TABLE, name="005010X221A1", also=("005010X221",), functional_id="HP", title="remittances (835)"
)
