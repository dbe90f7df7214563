"""837 institutional claims. **Source**: 005010X223A2."""

from typing import Final

from shared.x12.checks.guides.t837 import (
    ADDRESS,
    ALSO_OF,
    BELOW_SUBSCRIBER,
    CONDITIONS,
    CONTACT,
    CONTRACT,
    DECISION,
    DRUG,
    HEADER,
    LOOPS,
    ORGANISATION,
    OTHER_PAYER_AMOUNTS,
    OTHER_SUBSCRIBER,
    PAPERWORK,
    PATIENT,
    PROVIDER,
    SERVICE,
    SUBSCRIBER,
)
from shared.x12.checks.notation import read_guide

_CODES: Final = " ".join(["S(=BG R)"] * 11)
_DATED: Final = " ".join(["S(=BH R =D8 R)"] * 11)
_SPANS: Final = " ".join(["S(=BI R =RD8 R)"] * 11)
_AMOUNTS: Final = " ".join(["S(=BE R - - R)"] * 11)
_TREATMENTS: Final = " ".join(["S(=TC R)"] * 11)
_PRESENT: Final = "- - - - - - S=N,U,W,Y"
_OTHERS: Final = " ".join([f"S(=ABF,BF R {_PRESENT})"] * 11)
_CAUSES: Final = " ".join([f"S(=ABN,BN R {_PRESENT})"] * 11)
_OPERATIONS: Final = " ".join(["S(=BBQ,BQ R =D8 R)"] * 11)
_TABLE: Final = f"""
[837 claims]
R 1  ST*837        . R =005010X223A2,005010X223A3,005010X223A1,005010X223
{HEADER}
[2010AA billing provider]
R 1  NM1*85        . =2 {ORGANISATION}
{ADDRESS}
R 1  REF*EI        . R
S 2  PER*IC        . S =EM,FX,TE R {CONTACT}
[2010AB pay-to address]
R 1  NM1*87        . =2
{ADDRESS}
[2000B subscriber level]
R 1  HL***22       R R . =0,1
R 1  SBR           =@payer-order S=18 S S - - - - S=@filing
{BELOW_SUBSCRIBER}
[2010BA subscriber]
{SUBSCRIBER}
[2000C patient level]
R 1  HL***23       R R . =0
R 1  PAT           =@patient-relation
R 1  2010CA
R 100 2300
[2010CA patient]
{PATIENT}
[2300 claim]
R 1  CLM           R<38 R - - R(R =A R) - =A,B,C =N,W,Y =I,Y - - - - - - - - - - S=@delay
S 1  DTP*096       . =TM R
R 1  DTP*434       . =RD8 R
S 1  DTP*435       . =D8,DT R
S 1  DTP*050       . =D8 R
R 1  CL1           S S R
S 10 PWK           =@report {PAPERWORK}
S 1  CN1           {CONTRACT}
S 1  AMT*F3        . R
S 1  REF*4N        . =1,2,3,4,5,6,7
S 1  REF*9F        . R
S 1  REF*G1        . R
S 1  REF*F8        . R
S 1  REF*9A        . R
S 1  REF*9C        . R
S 5  REF*LX        . R
S 1  REF*D9        . R
S 1  REF*LU        . R
S 1  REF*EA        . R
S 1  REF*P4        . R
S 1  REF*G4        . R
S 10 K3            R
S 10 NTE*ALG,DCP,DGN,DME,MED,NTR,ODT,RHB,RLH,RNH,SET,SFM,SPT,UPI . R
S 1  NTE*ADD       . R
S 1  CRC*ZZ        . =N,Y =AV,NU,S2,ST {CONDITIONS} {CONDITIONS}
R 1  HI*ABK,BK     R(=ABK,BK R {_PRESENT})
S 1  HI*ABJ,BJ     R(=ABJ,BJ R)
S 1  HI*APR,PR     R(=APR,PR R) S(=APR,PR R) S(=APR,PR R)
S 1  HI*ABN,BN     R(=ABN,BN R {_PRESENT}) {_CAUSES}
S 1  HI*DR         R(=DR R)
S 2  HI*ABF,BF     R(=ABF,BF R {_PRESENT}) {_OTHERS}
S 1  HI*BBR,BR,CAH R(=BBR,BR,CAH R =D8 R)
S 2  HI*BBQ,BQ     R(=BBQ,BQ R =D8 R) {_OPERATIONS}
S 2  HI*BI         R(=BI R =RD8 R) {_SPANS}
S 2  HI*BH         R(=BH R =D8 R) {_DATED}
S 2  HI*BE         R(=BE R - - R) {_AMOUNTS}
S 2  HI*BG         R(=BG R) {_CODES}
S 2  HI*TC         R(=TC R) {_TREATMENTS}
S 1  HCP           =@line-pricing R S S S S S S - - S=DA,UN S S=@rejection S=@policy S=@exception
S 1  2310A
S 1  2310B
S 1  2310C
S 1  2310D
S 1  2310E
S 1  2310F
S 10 2320
R 999 2400
[2310A attending provider]
R 1  NM1*71        . =1 {PROVIDER}
S 1  PRV*AT        . =PXC R
S 4  REF*0B,1G,G2,LU . R
[2310B operating physician]
R 1  NM1*72        . =1 {PROVIDER}
S 4  REF*0B,1G,G2,LU . R
[2310C other operating physician]
R 1  NM1*ZZ        . =1 {PROVIDER}
S 4  REF*0B,1G,G2,LU . R
[2310D rendering provider]
R 1  NM1*82        . =1 {PROVIDER}
S 4  REF*0B,1G,G2,LU . R
[2310E service facility]
R 1  NM1*77        . =2 {ORGANISATION}
{ADDRESS}
S 3  REF*0B,G2,LU  . R
[2310F referring provider]
R 1  NM1*DN        . =1 {PROVIDER}
S 3  REF*0B,1G,G2  . R
[2320 other insurance]
R 1  SBR           =@payer-order =@relation S S - - - - S=@filing
{OTHER_PAYER_AMOUNTS}
R 1  OI            - - =N,W,Y - - =I,Y
S 1  MIA           R - S S S S S S S S S S S S S S S S S S S S S S
S 1  MOA           S S S S S S S S S
R 1  2330A
R 1  2330B
S 1  2330C
S 1  2330D
S 1  2330E
S 1  2330F
S 1  2330G
S 1  2330H
S 1  2330I
[2330A other subscriber]
{OTHER_SUBSCRIBER}
S 2  REF*SY        . R
[2330C other payer's attending provider]
R 1  NM1*71        . =1
R 4  REF*0B,1G,G2,LU . R
[2330D other payer's operating physician]
R 1  NM1*72        . =1
R 4  REF*0B,1G,G2,LU . R
[2330E other payer's other operating physician]
R 1  NM1*ZZ        . =1
R 4  REF*0B,1G,G2,LU . R
[2330F other payer's service facility]
R 1  NM1*77        . =2
R 3  REF*0B,G2,LU  . R
[2330G other payer's rendering provider]
R 1  NM1*82        . =1
R 4  REF*0B,1G,G2,LU . R
[2330H other payer's referring provider]
R 1  NM1*DN        . =1
R 3  REF*0B,1G,G2  . R
[2330I other payer's billing provider]
R 1  NM1*85        . =2
R 2  REF*G2,LU     . R
[2400 service line]
R 1  LX            R
R 1  SV2           R S(=ER,HC,HP,IV,WK {SERVICE}) R =DA,UN R - S
S 10 PWK           =@report {PAPERWORK}
S 1  DTP*472       . =D8,RD8 R
S 1  REF*6R        . R<30
S 1  REF*9B        . R
S 1  REF*9D        . R
S 1  AMT*GT        . R
S 1  AMT*N8        . R
S 1  NTE*TPO       . R
S 1  HCP           =@line-pricing R S S S S S S S=ER,HC,HP,IV,WK S S=DA,UN S S=@rejection S=@policy S=@exception
S 1  2410
S 1  2420A
S 1  2420B
S 1  2420C
S 1  2420D
S 15 2430
[2410 drug]
R 1  LIN           - =N4 R
{DRUG}
[2420A operating physician of the line]
R 1  NM1*72        . =1 {PROVIDER}
S 20 REF*0B,1G,G2,LU . {ALSO_OF}
[2420B other operating physician of the line]
R 1  NM1*ZZ        . =1 {PROVIDER}
S 20 REF*0B,1G,G2,LU . {ALSO_OF}
[2420C rendering provider of the line]
R 1  NM1*82        . =1 {PROVIDER}
S 20 REF*0B,1G,G2,LU . {ALSO_OF}
[2420D referring provider of the line]
R 1  NM1*DN        . =1 {PROVIDER}
S 20 REF*0B,1G,G2  . {ALSO_OF}
[2430 what another payer decided on the line]
R 1  SVD           R R S(=ER,HC,HP,IV,WK {SERVICE}) R R S
{DECISION}
{LOOPS}"""
GUIDE: Final = read_guide(
    _TABLE,
    name="005010X223A2",
    also=("005010X223", "005010X223A1", "005010X223A3"),
    functional_id="HC",
    title="institutional claims (837I)",
)
