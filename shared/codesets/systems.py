"""The code sets that the product knows, in the order in which it lists them, and the layouts that it reads.

Owns: the list. Next: a module of its own for each, which says what its table answers.
"""

from collections.abc import Callable
from typing import Any, Final

from shared.codesets import (
    add_ons,
    carc_rarc,
    clfs,
    code_list,
    coverage_articles,
    gpci,
    hcpcs,
    icd10cm,
    icd10cm_conversions,
    icd10cm_notes,
    icd10pcs,
    mce,
    modifiers,
    mpfs,
    mue,
    ncci_ptp,
    nppes,
    poa_exempt,
    pos,
)
from shared.codesets.library import Library, Shelf, System
from shared.codesets.loaders import add_ons as add_on_files
from shared.codesets.loaders import clfs as clfs_files
from shared.codesets.loaders import code_list as code_list_files
from shared.codesets.loaders import coverage_articles as coverage_article_files
from shared.codesets.loaders import gpci as gpci_files
from shared.codesets.loaders import hcpcs as hcpcs_files
from shared.codesets.loaders import icd10_order, icd10cm_tabular
from shared.codesets.loaders import icd10cm_conversions as icd10cm_conversions_files
from shared.codesets.loaders import mce as mce_files
from shared.codesets.loaders import mpfs as mpfs_files
from shared.codesets.loaders import mue as mue_files
from shared.codesets.loaders import ncci_ptp as ncci_ptp_files
from shared.codesets.loaders import nppes as nppes_files
from shared.codesets.loaders import poa_exempt as poa_exempt_files
from shared.codesets.loaders import pos as pos_files
from shared.codesets.official import Layout
from shared.codesets.packed import Buffer

SYSTEMS: Final[tuple[System[Any], ...]] = (
    icd10cm.SYSTEM,
    poa_exempt.SYSTEM,
    icd10cm_conversions.SYSTEM,
    icd10cm_notes.SYSTEM,
    icd10pcs.SYSTEM,
    mce.SYSTEM,
    hcpcs.SYSTEM,
    modifiers.SYSTEM,
    pos.SYSTEM,
    ncci_ptp.PRACTITIONER,
    ncci_ptp.HOSPITAL,
    mue.PRACTITIONER,
    mue.OUTPATIENT,
    mue.DME,
    add_ons.SYSTEM,
    mpfs.SYSTEM,
    gpci.SYSTEM,
    clfs.SYSTEM,
    *code_list.SYSTEMS,
    nppes.SYSTEM,
    coverage_articles.SYSTEM,
)
LAYOUTS: Final[tuple[Layout, ...]] = (
    *icd10_order.LAYOUTS,
    *poa_exempt_files.LAYOUTS,
    *icd10cm_conversions_files.LAYOUTS,
    *icd10cm_tabular.LAYOUTS,
    *mce_files.LAYOUTS,
    *hcpcs_files.LAYOUTS,
    *pos_files.LAYOUTS,
    *ncci_ptp_files.LAYOUTS,
    *mue_files.LAYOUTS,
    *add_on_files.LAYOUTS,
    *mpfs_files.LAYOUTS,
    *gpci_files.LAYOUTS,
    *clfs_files.LAYOUTS,
    *code_list_files.LAYOUTS,
    *nppes_files.LAYOUTS,
    *coverage_article_files.LAYOUTS,
)
STARTERS: Final[tuple[System[Any], ...]] = (
    icd10cm.SYSTEM,
    icd10pcs.SYSTEM,
    icd10cm_conversions.SYSTEM,
    icd10cm_notes.SYSTEM,
    mce.SYSTEM,
)
"""Those of which the product carries a table; `tools/write_starter.py` writes them."""

RESTATED: Final[tuple[Shelf[Any], ...]] = (
    Shelf(system=hcpcs.SYSTEM, starter=hcpcs.HCPCS),
    Shelf(system=modifiers.SYSTEM, starter=modifiers.MODIFIERS),
    Shelf(system=pos.SYSTEM, starter=pos.POS),
    Shelf(system=code_list.CARC, starter=carc_rarc.CARC),
    Shelf(system=code_list.RARC, starter=carc_rarc.RARC),
)
"""The shelves whose starter is code."""


def starter_file(system: System[Any]) -> str:
    """Return the name of the file that holds the starter of a code set."""
    return f"{system.name}.table"


def starters(read: Callable[[str], Buffer | None]) -> Library:
    """Return the starters on their shelves. **Shape**: `read` returns the bytes of a file by its name, None for none.

    **Errors**: `NotATable` for a damaged one.
    """
    held = {system.name: read(starter_file(system)) for system in STARTERS}
    from_files = (
        Shelf(system=system, starter=system.read(buffer))
        for system in STARTERS
        if (buffer := held[system.name]) is not None
    )
    return Library((*from_files, *RESTATED))
