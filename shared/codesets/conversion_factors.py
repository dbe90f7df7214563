"""Dollars per relative value of the physician fee schedule, and per unit of anesthesia, by day of service.

Owns: the factors of 2015 on, restated by hand. Refuses: proposed ones; a year counts when its final rule is out. Those
before 2024 were not compared with the files of their time: where such a file is loaded, the factor that it prints goes
before (`pricing.py`). From 2026 on, participants in an advanced payment model have a factor of their own.
**Source**: physician fee schedule final rules; relative value files of 2024 and 2026.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final

from shared.codesets.edition import Edition, Interval, Provenance, TableNotLoaded, Why, outside

SYSTEM_NAME: Final = "conversion_factors"


@dataclass(frozen=True, slots=True)
class ConversionFactor:
    """Dollars per value. **Units**: ten-thousandths of a dollar.

    `qualifying`: for clinicians who take part in an advanced payment model; None: the same as for all others.
    `anesthesia`: None where it is not restated. `compared`: with a file of CMS of that time.
    """

    valid: Interval
    usual: int
    qualifying: int | None
    anesthesia: int | None
    anesthesia_qualifying: int | None
    compared: bool

    def of(self, *, qualifying: bool) -> int:
        """Return the factor of services other than anesthesia."""
        return self.qualifying if qualifying and self.qualifying is not None else self.usual

    def of_anesthesia(self, *, qualifying: bool) -> int | None:
        """Return the factor of a unit of anesthesia; None where it is not restated."""
        own = self.anesthesia_qualifying if qualifying else None
        return self.anesthesia if own is None else own


def _year(first: date, last: date, usual: int, anesthesia: int | None) -> ConversionFactor:
    return ConversionFactor(Interval(first, last), usual, None, anesthesia, None, first.year >= 2024)  # noqa: PLR2004 (see above)


FACTORS: Final = (
    _year(date(2015, 1, 1), date(2015, 6, 30), 35_7547, None),
    _year(date(2015, 7, 1), date(2015, 12, 31), 35_9335, 22_6093),
    _year(date(2016, 1, 1), date(2016, 12, 31), 35_8043, 21_9935),
    _year(date(2017, 1, 1), date(2017, 12, 31), 35_8887, 22_0454),
    _year(date(2018, 1, 1), date(2018, 12, 31), 35_9996, 22_1887),
    _year(date(2019, 1, 1), date(2019, 12, 31), 36_0391, 22_2730),
    _year(date(2020, 1, 1), date(2020, 12, 31), 36_0896, 22_2016),
    _year(date(2021, 1, 1), date(2021, 12, 31), 34_8931, 21_5600),
    _year(date(2022, 1, 1), date(2022, 12, 31), 34_6062, 21_5623),
    _year(date(2023, 1, 1), date(2023, 12, 31), 33_8872, 21_1249),
    _year(date(2024, 1, 1), date(2024, 3, 8), 32_7442, 20_4349),
    _year(date(2024, 3, 9), date(2024, 12, 31), 33_2875, 20_7739),
    _year(date(2025, 1, 1), date(2025, 12, 31), 32_3465, 20_3178),
    ConversionFactor(
        Interval(date(2026, 1, 1), date(2026, 12, 31)),
        usual=33_4009,
        qualifying=33_5675,
        anesthesia=20_4976,
        anesthesia_qualifying=20_5998,
        compared=True,
    ),
)
_PROVENANCE: Final = Provenance(
    system=SYSTEM_NAME,
    release="restated 2026",
    effective_from=FACTORS[0].valid.first,
    effective_to=FACTORS[-1].valid.last,
    source="CMS, physician fee schedule final rules, restated by hand",
    complete=True,
)
EDITION: Final = Edition.of(_PROVENANCE, sha256(repr((_PROVENANCE, FACTORS)).encode()).hexdigest())
_FIRST_DAYS: Final = [factor.valid.first for factor in FACTORS]


def factor_on(on: date) -> ConversionFactor | TableNotLoaded:
    """Return the factors of a day of service, or that none is restated for it."""
    if (not_loaded := outside(EDITION, on)) is not None:
        return not_loaded
    factor = FACTORS[bisect_right(_FIRST_DAYS, on) - 1]
    return factor if factor.valid.holds(on) else TableNotLoaded(SYSTEM_NAME, Why.BETWEEN_EDITIONS, EDITION)
