"""837 professional claims. **Source**: 005010X222A1."""

from typing import Final

from shared.x12.checks.codes import LISTS
from shared.x12.checks.guides.t837 import (
    ADDRESS,
    ADDRESS_IF_KNOWN,
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

_REPORTS: Final = ",".join(sorted(LISTS["report"] - {"CT"}))
_TABLE: Final = f"""
[837 claims]
R 1  ST*837        . R =005010X222A1,005010X222A2,005010X222
{HEADER}
[2010AA billing provider]
R 1  NM1*85        . =1,2 {PROVIDER}
{ADDRESS}
R 1  REF*EI,SY     . R
S 2  REF*0B,1G     . R
S 2  PER*IC        . S =EM,FX,TE R {CONTACT}
[2010AB pay-to address]
R 1  NM1*87        . =1,2
{ADDRESS}
[2000B subscriber level]
R 1  HL***22       R R . =0,1
R 1  SBR           =@payer-order S=18 S S S=@insurance-type - - - S=@filing
S 1  PAT           - - - - S=D8 S S=01 S S=Y
{BELOW_SUBSCRIBER}
[2010BA subscriber]
{SUBSCRIBER}
S 1  PER*IC        . S =TE R S=EX S
[2000C patient level]
R 1  HL***23       R R . =0
R 1  PAT           =@patient-relation - - - S=D8 S S=01 S S=Y
R 1  2010CA
R 100 2300
[2010CA patient]
{PATIENT}
S 1  PER*IC        . S =TE R S=EX S
[2300 claim]
R 1  CLM           R<38 R - - R(R =B R) =Y,N =A,B,C =N,W,Y =I,Y S=P S(=AA,EM,OA S=AA,EM,OA - S S) S=02,03,05,09 - - -
 - - - - S=@delay
S 1  DTP*431       . =D8 R
S 1  DTP*454       . =D8 R
S 1  DTP*304       . =D8 R
S 1  DTP*453       . =D8 R
S 1  DTP*439       . =D8 R
S 1  DTP*484       . =D8 R
S 1  DTP*455       . =D8 R
S 1  DTP*471       . =D8 R
S 1  DTP*314,360,361 . =D8,RD8 R
S 1  DTP*297       . =D8 R
S 1  DTP*296       . =D8 R
S 1  DTP*435       . =D8 R
S 1  DTP*096       . =D8 R
S 2  DTP*090,091   . =D8 R
S 1  DTP*444       . =D8 R
S 1  DTP*050       . =D8 R
S 10 PWK           =@report {PAPERWORK}
S 1  CN1           {CONTRACT}
S 1  AMT*F5        . R
S 1  REF*4N        . =1,2,3,4,5,6,7
S 1  REF*F5        . =N,Y
S 1  REF*EW        . R
S 1  REF*9F        . R
S 1  REF*G1        . R
S 1  REF*F8        . R
S 1  REF*X4        . R
S 1  REF*9A        . R
S 1  REF*9C        . R
S 1  REF*LX        . R
S 1  REF*D9        . R
S 1  REF*EA        . R
S 1  REF*P4        . R
S 1  REF*1J        . R
S 10 K3            R
S 1  NTE*ADD,CER,DCP,DGN,TPO . R
S 1  CR1           S=LB S - =A,B,C,D,E =DH R - - S S
S 1  CR2           - - - - - - - =A,C,D,E,F,G,M - S S
S 3  CRC*07        . =N,Y R=@certification S=@certification S=@certification S=@certification S=@certification
S 3  CRC*E1,E2,E3  . =N,Y =L1,L2,L3,L4,L5 S=L1,L2,L3,L4,L5 S=L1,L2,L3,L4,L5 S=L1,L2,L3,L4,L5 S=L1,L2,L3,L4,L5
S 1  CRC*75        . =Y =IH
S 1  CRC*ZZ        . =N,Y =AV,NU,S2,ST {CONDITIONS} {CONDITIONS}
R 1  HI*ABK,BK     {"R(=ABK,BK R)"} {" ".join(["S(=ABF,BF R)"] * 11)}
S 1  HI*BP         R(=BP R) S(=BO R)
S 2  HI*BG         {"R(=BG R)"} {" ".join(["S(=BG R)"] * 11)}
S 1  HCP           =@pricing R S S S S S - - - - - S=@rejection S=@policy S=@exception
S 2  2310A
S 1  2310B
S 1  2310C
S 1  2310D
S 1  2310E
S 1  2310F
S 10 2320
R 50 2400
[2310A referring provider]
R 1  NM1*DN,P3     . =1 {PROVIDER}
S 3  REF*0B,1G,G2  . R
[2310B rendering provider]
R 1  NM1*82        . =1,2 {PROVIDER}
S 1  PRV*PE        . =PXC R
S 4  REF*0B,1G,G2,LU . R
[2310C service facility]
R 1  NM1*77        . =2 {ORGANISATION}
{ADDRESS}
S 3  REF*0B,G2,LU  . R
S 1  PER*IC        . S =TE R S=EX S
[2310D supervising provider]
R 1  NM1*DQ        . =1 {PROVIDER}
S 4  REF*0B,1G,G2,LU . R
[2310E ambulance pick-up]
R 1  NM1*PW        . =2
{ADDRESS}
[2310F ambulance drop-off]
R 1  NM1*45        . =2 S
{ADDRESS}
[2320 other insurance]
R 1  SBR           =@payer-order =@relation S S S=@insurance-type - - - S=@filing
{OTHER_PAYER_AMOUNTS}
R 1  OI            - - =N,W,Y S=P - =I,Y
S 1  MOA           S S S S S S S S S
R 1  2330A
R 1  2330B
S 2  2330C
S 1  2330D
S 1  2330E
S 1  2330F
S 1  2330G
[2330A other subscriber]
{OTHER_SUBSCRIBER}
S 1  REF*SY        . R
[2330C other payer's referring provider]
R 1  NM1*DN,P3     . =1
R 3  REF*0B,1G,G2  . R
[2330D other payer's rendering provider]
R 1  NM1*82        . =1,2
R 3  REF*0B,1G,G2,LU . R
[2330E other payer's service facility]
R 1  NM1*77        . =2
R 3  REF*0B,G2,LU  . R
[2330F other payer's supervising provider]
R 1  NM1*DQ        . =1
R 3  REF*0B,1G,G2,LU . R
[2330G other payer's billing provider]
R 1  NM1*85        . =1,2
R 2  REF*G2,LU     . R
[2400 service line]
R 1  LX            R
R 1  SV1           R(=ER,HC,IV,WK {SERVICE}) R =MJ,UN R S - R(R S S S) - S=Y - S=Y S=Y - - S=0
S 1  SV5           R(=HC R) =DA R R R =1,4,6
S 10 PWK*{_REPORTS} . {PAPERWORK}
S 1  PWK*CT        . =AB,AD,AF,AG,NS
S 1  CR1           S=LB S - =A,B,C,D,E =DH R - - S S
S 1  CR3           =I,R,S =MO R
S 3  CRC*07        . =N,Y R=@certification S=@certification S=@certification S=@certification S=@certification
S 1  CRC*70        . =N,Y =65
S 1  CRC*09        . =N,Y =38,ZV S=38,ZV
R 1  DTP*472       . =D8,RD8 R
S 1  DTP*471       . =D8 R
S 1  DTP*607       . =D8 R
S 1  DTP*463       . =D8 R
S 1  DTP*461       . =D8 R
S 1  DTP*304       . =D8 R
S 2  DTP*738,739   . =D8 R
S 1  DTP*011       . =D8 R
S 1  DTP*455       . =D8 R
S 1  DTP*454       . =D8 R
S 1  QTY*PT        . R
S 1  QTY*FL        . R
S 5  MEA           =OG,TR =HT,R1,R2,R3,R4 R
S 1  CN1           {CONTRACT}
S 1  REF*9B        . R
S 1  REF*9D        . R
S 5  REF*G1        . {ALSO_OF}
S 1  REF*6R        . R<30
S 1  REF*EW        . R
S 1  REF*X4        . R
S 1  REF*F4        . R
S 1  REF*BT        . R
S 5  REF*9F        . {ALSO_OF}
S 1  AMT*T         . R
S 1  AMT*F4        . R
S 10 K3            R
S 1  NTE*ADD,DCP   . R
S 1  NTE*TPO       . R
S 1  PS1           R R
S 1  HCP           =@line-pricing R S S S S S - S=ER,HC,IV,WK S S=MJ,UN S S=@rejection S=@policy S=@exception
S 1  2410
S 1  2420A
S 1  2420B
S 1  2420C
S 1  2420D
S 1  2420E
S 2  2420F
S 1  2420G
S 1  2420H
S 15 2430
S *  2440
[2410 drug]
R 1  LIN           - =EN,EO,HI,N4,ON,UK,UP R
{DRUG}
[2420A rendering provider of the line]
R 1  NM1*82        . =1,2 {PROVIDER}
S 1  PRV*PE        . =PXC R
S 20 REF*0B,1G,G2,LU . {ALSO_OF}
[2420B purchased service provider]
R 1  NM1*QB        . =1,2 - - - - - S=XX S
S 20 REF*0B,1G,G2  . {ALSO_OF}
[2420C service facility of the line]
R 1  NM1*77        . =2 {ORGANISATION}
{ADDRESS}
S 3  REF*G2,LU     . {ALSO_OF}
[2420D supervising provider of the line]
R 1  NM1*DQ        . =1 {PROVIDER}
S 20 REF*0B,1G,G2,LU . {ALSO_OF}
[2420E ordering provider]
R 1  NM1*DK        . =1 {PROVIDER}
{ADDRESS_IF_KNOWN}
S 20 REF*0B,1G,G2  . {ALSO_OF}
S 1  PER*IC        . S =EM,FX,TE R {CONTACT}
[2420F referring provider of the line]
R 1  NM1*DN,P3     . =1 {PROVIDER}
S 20 REF*0B,1G,G2  . {ALSO_OF}
[2420G ambulance pick-up of the line]
R 1  NM1*PW        . =2
{ADDRESS}
[2420H ambulance drop-off of the line]
R 1  NM1*45        . =2 S
{ADDRESS}
[2430 what another payer decided on the line]
R 1  SVD           R R R(=ER,HC,IV,WK {SERVICE}) - R S
{DECISION}
[2440 supporting form]
R 1  LQ            =AS,UT R
R 99 FRM           R S=N,W,Y S S S
{LOOPS}"""
GUIDE: Final = read_guide(
    _TABLE,
    name="005010X222A1",
    also=("005010X222", "005010X222A2"),
    functional_id="HC",
    title="professional claims (837P)",
)
