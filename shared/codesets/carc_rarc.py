"""Why a payer paid less: adjustment groups, CARC and RARC numbers with our own labels, and what each of them means.

`effect` says of one adjustment whether it refuses payment or is the ordinary price of a covered service. Payments
decides by it between paid and denied: a zero payment is a denial only where an adjustment refuses. The day is that of
the remittance, not of the service: a reason is valid when the payer writes it. An unlisted number is kept and reported.
**Source**: numbers and dates of the X12 claim adjustment lists as of 2024; labels and effects are ours, because the
texts of the lists are licensed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, assert_never

from shared.codesets.dated import DatedTable, Labelled, NotALine, labelled
from shared.codesets.edition import Interval, Provenance


class Group(StrEnum):
    """Who bears an adjustment, in the words of CAS01. CR left the 835 with version 5010: reading keeps it unknown."""

    CONTRACTUAL = "CO"
    PATIENT = "PR"
    PAYER = "PI"
    OTHER = "OA"


class Nature(StrEnum):
    """What kind of reason a CARC is, whoever bears it."""

    SHARE = "share"  # deductible, coinsurance, copay
    REDUCTION = "reduction"  # the price of a covered service
    REFUSAL = "refusal"  # not paid, and somebody should ask why
    PRIOR = "prior"  # what payers before this one did
    PENDING = "pending"  # not decided yet


class Effect(StrEnum):
    """What one adjustment does to a charge."""

    CONTRACTUAL = "contractual"  # given up by contract or law; nobody owes it
    PATIENT = "patient"  # the patient's share of a covered service
    REFUSED = "refused"  # denied; open until worked or written off
    REFUSED_TO_PATIENT = "refused-to-patient"  # denied, and the payer says that the patient owes it
    PRIOR_PAYER = "prior-payer"
    PENDING = "pending"
    UNLISTED = "unlisted"  # a number or a group that we do not hold: an exception for a person


@dataclass(frozen=True, slots=True)
class AdjustmentReason:
    """One CARC with our own label."""

    code: str
    nature: Nature
    label: str
    valid: Interval

    @property
    def summary(self) -> str:
        """Return what kind of reason it is, and our label."""
        return f"{self.nature.value} {self.label}"


def effect(group: str, carc: str, on: date) -> Effect:
    """Return what an adjustment does, as of the date of the remittance."""
    row = CARC.row_on(carc, on)
    if row is None or group not in _GROUPS:
        return Effect.UNLISTED
    owed_by_patient = group == Group.PATIENT
    match row.nature:
        case Nature.SHARE | Nature.REDUCTION:
            return Effect.PATIENT if owed_by_patient else Effect.CONTRACTUAL
        case Nature.REFUSAL:
            return Effect.REFUSED_TO_PATIENT if owed_by_patient else Effect.REFUSED
        case Nature.PRIOR:
            return Effect.PRIOR_PAYER
        case Nature.PENDING:
            return Effect.PENDING
        case _:
            assert_never(row.nature)


def refuses(group: str, carc: str, on: date) -> bool:
    """Return whether an adjustment refuses payment, whoever is said to owe it."""
    return effect(group, carc, on) in {Effect.REFUSED, Effect.REFUSED_TO_PATIENT}


def _reasons(lines: str) -> Iterator[AdjustmentReason]:
    for row in labelled(lines.splitlines()):
        nature, _, label = row.label.partition(" ")
        if nature not in _NATURES or not label:
            raise NotALine("a reason has a nature and a label")
        yield AdjustmentReason(row.code, Nature(nature), label, row.valid)


_GROUPS: Final = frozenset(Group)
_NATURES: Final = frozenset(Nature)

_CARC_LINES: Final = """\
1 1995-01-01.. share deductible
2 1995-01-01.. share coinsurance
3 1995-01-01.. share copay
4 1995-01-01.. refusal modifier does not fit the procedure
5 1995-01-01.. refusal place of service does not fit the procedure
6 1995-01-01.. refusal procedure does not fit the age
7 1995-01-01.. refusal procedure does not fit the sex
8 1995-01-01.. refusal procedure does not fit the specialty
9 1995-01-01.. refusal diagnosis does not fit the age
10 1995-01-01.. refusal diagnosis does not fit the sex
11 1995-01-01.. refusal diagnosis does not support the procedure
12 1995-01-01.. refusal diagnosis does not fit the provider type
13 1995-01-01.. refusal service after the patient's death
14 1995-01-01.. refusal service before the patient's birth
15 1995-01-01..2018-05-01 refusal authorization number faulty
16 1995-01-01.. refusal information missing or wrong
17 1995-01-01..2009-07-01 refusal information asked for did not come
18 1995-01-01.. refusal exact duplicate
19 1995-01-01.. refusal belongs to workers' compensation
20 1995-01-01.. refusal belongs to a liability insurer
21 1995-01-01.. refusal belongs to a no-fault insurer
22 1995-01-01.. refusal another payer may come first
23 1995-01-01.. prior what earlier payers paid or adjusted
24 1995-01-01.. reduction paid by capitation
26 1995-01-01.. refusal before the coverage began
27 1995-01-01.. refusal after the coverage ended
29 1995-01-01.. refusal filed too late
31 1995-01-01.. refusal patient not found
32 1995-01-01.. refusal not an eligible dependent
33 1995-01-01.. refusal no dependents covered
34 1995-01-01.. refusal no newborns covered
35 1995-01-01.. refusal lifetime maximum used up
38 1995-01-01..2013-01-01 refusal outside the named network
39 1995-01-01.. refusal authorization was declined
40 1995-01-01.. refusal not an emergency by the payer's rule
42 1995-01-01..2007-06-01 reduction above the fee schedule
44 1995-01-01.. reduction prompt payment discount
45 1995-01-01.. reduction above the allowed amount
49 1995-01-01.. refusal routine or screening care
50 1995-01-01.. refusal not medically necessary
51 1995-01-01.. refusal pre-existing condition
53 1995-01-01.. refusal provider is a relative
54 1995-01-01.. refusal assistant or second physician not covered
55 1995-01-01.. refusal experimental
56 1995-01-01.. refusal effectiveness not proven
57 1995-01-01..2007-06-30 refusal level or amount not supported
58 1995-01-01.. refusal wrong place of treatment
59 1995-01-01.. reduction multiple or concurrent procedures
60 1995-01-01.. refusal outpatient service near an inpatient stay
61 1995-01-01.. reduction no second surgical opinion
62 1995-01-01..2007-04-01 refusal authorization absent or used up
66 1995-01-01.. share first units of blood
69 1995-01-01.. reduction stay longer than usual
70 1995-01-01.. reduction stay dearer than usual
74 1995-01-01.. reduction indirect medical education
75 1995-01-01.. reduction direct medical education
76 1995-01-01.. reduction disproportionate share
78 1995-01-01.. refusal room or days
85 1995-01-01.. share interest owed by the patient
89 1995-01-01.. reduction professional fee taken out
90 1995-01-01.. reduction ingredient cost
91 1995-01-01.. reduction dispensing fee
94 1995-01-01.. reduction paid above the charge
95 1995-01-01.. refusal plan's procedure not followed
96 1995-01-01.. refusal not covered
97 1995-01-01.. refusal included in another service
101 1995-01-01.. pending predetermination only
102 1995-01-01.. reduction major medical
103 1995-01-01.. reduction promotional discount
104 1995-01-01.. reduction managed care withhold
105 1995-01-01.. reduction tax withheld
106 1995-01-01.. refusal payment option not chosen
107 1995-01-01.. refusal service that it depends on is missing
108 1995-01-01.. refusal equipment rule on renting or buying
109 1995-01-01.. refusal another payer is responsible
110 1995-01-01.. refusal billed before the service
111 1995-01-01.. refusal assignment not accepted
112 1995-01-01.. refusal not documented as given to the patient
114 1995-01-01.. refusal product without approval
115 1995-01-01.. refusal procedure put off or canceled
116 1995-01-01.. refusal advance notice was faulty
117 1995-01-01.. refusal transport beyond the nearest facility
118 1995-01-01.. reduction dialysis network fee
119 1995-01-01.. refusal maximum for the period used up
121 1995-01-01.. reduction member's debt made good
122 1995-01-01.. reduction psychiatric services
125 1995-01-01..2013-11-01 refusal billing error
128 1997-02-28.. refusal newborn included in the mother's stay
129 1997-02-28.. refusal earlier processing information wrong
130 1997-02-28.. reduction fee for submitting
131 1997-02-28.. reduction discount negotiated for the claim
132 1997-02-28.. reduction demonstration project
133 2014-07-01.. pending line under review
134 1998-10-31.. reduction technical fee taken out
135 1998-10-31.. refusal interim bill not processed
136 1998-10-31.. refusal earlier payer's rules not followed
137 1999-02-28.. reduction surcharge or tax
138 1999-06-30..2018-05-01 refusal appeal came wrong or late
139 1999-06-30.. reduction provider employs the subscriber
140 1999-06-30.. refusal name and member number do not match
141 1999-06-30..2012-07-01 refusal part of the days without coverage
142 2000-06-30.. share monthly Medicaid liability
143 2001-02-28.. pending part of the payment deferred
144 2001-06-30.. reduction incentive
146 2002-06-30.. refusal diagnosis not valid on the date
147 2002-06-30.. refusal no current contracted rate
148 2002-06-30.. refusal information from another provider missing
149 2002-10-31.. refusal lifetime maximum of the category used up
150 2002-10-31.. refusal level of service not supported
151 2002-10-31.. refusal number or frequency not supported
152 2002-10-31.. refusal length of service not supported
153 2002-10-31.. refusal dosage not supported
154 2002-10-31.. refusal days of supply not supported
155 2003-06-30.. refusal patient declined the service
156 2003-09-30..2009-10-01 prior paid from a flexible account
157 2003-09-30.. refusal war
158 2003-09-30.. refusal service abroad
159 2003-09-30.. refusal act of terrorism
160 2003-09-30.. refusal activity excluded from the benefit
161 2004-02-29.. reduction performance bonus
163 2004-06-30.. refusal attachment not received
164 2004-06-30.. refusal attachment received too late
165 2004-10-31..2018-05-01 refusal no referral, or too many visits on it
166 2005-02-28.. refusal payer's responsibility had ended
167 2005-06-30.. refusal diagnosis not covered
169 2005-06-30.. reduction other benefit given instead
170 2005-06-30.. refusal provider type may not bill it
171 2005-06-30.. refusal provider type may not bill it there
172 2005-06-30.. reduction specialty
173 2005-06-30.. refusal not prescribed by a physician
174 2005-06-30.. refusal not prescribed before delivery
175 2005-06-30.. refusal prescription incomplete
176 2005-06-30.. refusal prescription out of date
177 2005-06-30.. refusal not eligible by the program's rules
178 2005-06-30.. refusal spend-down not met
179 2005-06-30.. refusal waiting period not over
180 2005-06-30.. refusal not a resident
181 2005-06-30.. refusal procedure code not valid on the date
182 2005-06-30.. refusal modifier not valid on the date
183 2005-06-30.. refusal referring provider not eligible
184 2005-06-30.. refusal ordering provider not eligible
185 2005-06-30.. refusal rendering provider not eligible
186 2005-06-30.. reduction level of care changed
187 2005-06-30.. prior paid from a spending account
188 2005-06-30.. refusal use not as approved
189 2005-06-30.. refusal unlisted code although a specific one exists
190 2005-10-31.. refusal included in a nursing facility stay
193 2006-02-28.. refusal first decision upheld
194 2006-02-28.. refusal anesthesia by the operating team
197 2006-10-31.. refusal no authorization or notice beforehand
198 2006-10-31.. refusal authorization exceeded
199 2006-10-31.. refusal procedure and revenue code disagree
200 2006-10-31.. refusal lapse in coverage
202 2007-02-28.. refusal personal comfort item
203 2007-02-28.. reduction service cut short
204 2007-02-28.. refusal not in the patient's plan
206 2007-07-09.. refusal NPI missing
207 2007-07-09.. refusal NPI malformed
208 2007-07-09.. refusal NPI not on file
209 2007-07-09.. reduction not collectable from the patient by agreement
210 2007-07-09.. refusal authorization obtained too late
211 2007-07-09.. refusal drug code without rebate
212 2007-11-05.. refusal administrative surcharge
213 2008-01-27.. refusal self-referral
216 2008-01-27.. refusal finding of a review organization
222 2008-06-01.. refusal contracted maximum of units exceeded
223 2008-06-01.. reduction required by law
224 2008-06-01.. refusal identity theft suspected
226 2008-09-21.. refusal provider did not send requested information
227 2008-09-21.. refusal patient did not send requested information
228 2008-09-21.. refusal information for an earlier payer not sent
231 2009-07-01.. refusal procedures exclude each other
232 2009-11-01.. reduction transfer to another facility
233 2010-01-24.. refusal acquired in the hospital
234 2010-01-24.. refusal not paid separately
235 2010-06-06.. reduction tax on sales
236 2011-01-30.. refusal procedures not allowed together
237 2011-06-05.. reduction penalty required by law
238 2012-03-01.. refusal days without coverage inside the claim
239 2012-03-01.. refusal bill covered and uncovered days apart
240 2012-06-03.. refusal birth weight contradicts the diagnosis
241 2012-06-03.. share low-income copay
242 2012-06-03.. refusal outside the network
243 2012-06-03.. refusal not authorized by the network
245 2012-09-30.. reduction performance withhold
246 2012-09-30.. reduction reported only, never paid
247 2012-09-30.. share deductible, professional part of a facility claim
248 2012-09-30.. share coinsurance, professional part of a facility claim
249 2012-09-30.. refusal readmission
250 2012-09-30.. refusal wrong attachment
251 2012-09-30.. refusal attachment incomplete
252 2012-09-30.. refusal attachment needed
253 2013-06-02.. reduction federal sequester
254 2013-06-02.. refusal dental plan, send to the medical plan
256 2013-06-02.. refusal not payable under the managed care contract
257 2013-11-01.. pending premium grace period, exchange plan
258 2013-11-01.. refusal patient in custody
261 2014-06-01.. refusal does not fit the patient's history
267 2014-11-01.. refusal claim spans several months
268 2014-11-01.. refusal claim spans two years
269 2015-03-01.. refusal no anesthesia for this procedure
270 2015-07-01.. refusal medical plan, send to the dental plan
272 2015-11-01.. refusal coverage guidelines not met
273 2015-11-01.. refusal coverage guidelines exceeded
274 2015-11-01.. reduction care coordination arrangement
275 2015-11-01.. refusal earlier payer's patient share not covered
276 2015-11-01.. refusal refused by the earlier payer as well
277 2015-11-01.. pending premium grace period
279 2016-11-01.. refusal outside the preferred network
280 2017-03-01.. refusal medical plan, send to the pharmacy plan
281 2017-07-01.. reduction deductible waived by contract
282 2017-07-01.. refusal procedure does not fit the type of bill
283 2017-11-01.. refusal attending provider not eligible
284 2017-11-01.. refusal authorization does not cover this service
285 2017-11-01.. refusal appeal rules not kept
286 2017-11-01.. refusal appeal too late
287 2017-11-01.. refusal more than the referral allows
288 2017-11-01.. refusal no referral
296 2018-07-01.. refusal authorization does not cover this provider
297 2019-03-01.. refusal medical plan, send to the vision plan
299 2019-07-01.. refusal billing provider not eligible for payment
302 2020-11-01.. refusal authorization expired
303 2021-07-01.. reduction earlier payer's patient share, qualified beneficiary
A1 1995-01-01.. refusal claim or service refused
A2 1995-01-01..2008-01-01 reduction contract
A6 1995-01-01.. refusal needs a hospital stay before
A7 1995-01-01..2015-07-01 reduction presumed payment
A8 1995-01-01.. refusal no group for the stay
B1 1995-01-01.. refusal visits not covered
B4 1995-01-01.. reduction filed late, reduced
B5 1995-01-01..2016-05-01 refusal guidelines not kept or exceeded
B7 1995-01-01.. refusal provider not certified on the date
B8 1995-01-01.. refusal other service should have been used
B9 1995-01-01.. refusal patient is in hospice
B10 1995-01-01.. reduction part of the basic procedure was paid
B11 1995-01-01.. refusal passed on to the right payer
B12 1995-01-01.. refusal not in the medical record
B13 1995-01-01.. refusal paid before
B14 1995-01-01.. refusal one visit a day
B15 1995-01-01.. refusal qualifying service missing
B16 1995-01-01.. refusal not a new patient
B18 1995-01-01..2009-03-01 refusal procedure with that modifier not valid on the date
B20 1995-01-01.. refusal furnished by another provider
B22 1995-01-01.. reduction price by diagnosis
B23 1995-01-01.. refusal laboratory not certified for the test
"""

_RARC_LINES: Final = """\
M15 1997-01-01.. bundled into another service
M20 1997-01-01.. procedure code missing or wrong (Level II)
M25 1997-01-01.. level of service not supported
M51 1997-01-01.. procedure code missing or wrong
M53 1997-01-01.. units missing or wrong
M60 1997-01-01.. certificate of need missing
M62 1997-01-01.. authorization number missing or wrong
M64 1997-01-01.. further diagnosis missing or wrong
M76 1997-01-01.. diagnosis missing or wrong
M77 1997-01-01.. place of service missing or wrong
M79 1997-01-01.. charge missing or wrong
M81 1997-01-01.. a more specific code exists
M86 1997-01-01.. same or similar service already paid
M119 1997-01-01.. national drug code missing or wrong
M127 1997-01-01.. medical record missing
MA01 1997-01-01.. note: appeal rights
MA04 1997-01-01.. primary payer's payment information needed
MA07 1997-01-01.. note: sent on to Medicaid
MA13 1997-01-01.. note: do not bill the patient beyond group PR
MA15 1997-01-01.. note: claim was split
MA18 1997-01-01.. note: sent on to the supplemental insurer
MA27 1997-01-01.. member number or name missing or wrong
MA63 1997-01-01.. principal diagnosis missing or wrong
MA67 1997-01-01.. note: corrects an earlier claim
MA83 1997-01-01.. order of payers not stated
MA92 1997-01-01.. other plan's information missing
MA114 1997-01-01.. place where the service was given missing
MA120 1997-01-01.. laboratory certificate missing or wrong
MA130 2001-10-12.. cannot be processed; send a new claim
N1 2000-01-01.. note: appeal in writing
N4 2000-01-01.. earlier insurer's statement missing
N14 2000-01-01.. price by contract or fee schedule
N19 2000-01-01.. incidental to the main procedure
N20 2000-01-01.. excluded by another service that day
N30 2000-01-01.. patient not eligible
N34 2000-01-01.. wrong form or format
N56 2000-01-01.. procedure code not right for the service or date
N95 2001-07-31.. specialty may not bill it
N115 2002-05-30.. local coverage determination
N122 2002-09-12.. add-on without its primary
N130 2002-10-31.. see the plan's documents
N182 2003-02-28.. bill by the plan's schedule
N206 2003-06-30.. documents contradict the claim
N210 2003-06-30.. note: may be appealed
N211 2003-06-30.. note: may not be appealed
N255 2004-12-02.. billing taxonomy missing or wrong
N257 2004-12-02.. billing provider number missing or wrong
N265 2004-12-02.. ordering provider number missing or wrong
N286 2004-12-02.. referring provider number missing or wrong
N290 2004-12-02.. rendering provider number missing or wrong
N362 2005-11-18.. more units than the maximum
N381 2007-04-01.. note: see the contract
N382 2007-04-01.. patient identifier missing or wrong
N386 2007-04-01.. national coverage determination
N390 2007-08-01.. not billed separately
N418 2007-08-01.. sent to the wrong payer
N425 2007-08-01.. excluded by statute
N428 2007-08-01.. not covered where it was given
N448 2008-07-01.. fee schedule does not list it
N479 2008-07-01.. statement of benefits missing
N519 2009-07-01.. modifiers do not go together
N522 2009-11-01.. duplicate of a crossover claim
N525 2010-03-01.. inside the global period of another service
N574 2013-07-15.. ordering provider's specialty may not order it
N620 2013-07-15.. note: reported for quality only
N640 2013-07-15.. frequency exceeded
N657 2013-07-15.. bill the code that fits
N706 2014-03-01.. documentation missing
"""


def _as_of_2024(system: str) -> Provenance:
    return Provenance(
        system=system,
        release="restated 2024",
        effective_from=date(1995, 1, 1),  # ended reasons stay: an old remittance has to be readable
        effective_to=None,
        source="X12 claim adjustment code numbers and dates, own labels",
        complete=False,
    )


CARC: Final[DatedTable[AdjustmentReason]] = DatedTable(_as_of_2024("carc"), _reasons(_CARC_LINES))
RARC: Final[DatedTable[Labelled]] = DatedTable(_as_of_2024("rarc"), labelled(_RARC_LINES.splitlines()))
