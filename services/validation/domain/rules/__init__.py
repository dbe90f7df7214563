"""The rules, in the order in which findings list them; one file each, in a folder by authority.

A new rule is a copy of its neighbour, an entry here, and four tests: pass, fail, not applicable, out of its dates.
What judges at an instant is a rule set. Once one has judged for others it stays as it is: what changes goes into the
next, which has its first instant in the future, and a rule that changes keeps its old form in its file until then.
"""

from typing import Final

from services.validation.domain.rule import Rule
from services.validation.domain.rule_set import RuleSet
from services.validation.domain.rules.cms.add_on_primary import ADD_ON_PRIMARY
from services.validation.domain.rules.cms.age_edit import AGE_EDIT
from services.validation.domain.rules.cms.anatomical_modifiers import ANATOMICAL_MODIFIERS
from services.validation.domain.rules.cms.duplicate_line import DUPLICATE_LINE
from services.validation.domain.rules.cms.duplicate_service import DUPLICATE_SERVICE
from services.validation.domain.rules.cms.global_period import GLOBAL_PERIOD
from services.validation.domain.rules.cms.medicaid_pays_last import MEDICAID_PAYS_LAST
from services.validation.domain.rules.cms.medical_necessity import MEDICAL_NECESSITY
from services.validation.domain.rules.cms.medically_unlikely_units import MEDICALLY_UNLIKELY_UNITS
from services.validation.domain.rules.cms.medicare_number_form import MEDICARE_NUMBER_FORM
from services.validation.domain.rules.cms.medicare_secondary_payer import MEDICARE_SECONDARY_PAYER
from services.validation.domain.rules.cms.modifier_of_schedule import MODIFIER_OF_SCHEDULE
from services.validation.domain.rules.cms.modifiers_agree import MODIFIERS_AGREE
from services.validation.domain.rules.cms.modifiers_valid import MODIFIERS_VALID
from services.validation.domain.rules.cms.ncci_pair_edit import NCCI_PAIR_EDIT
from services.validation.domain.rules.cms.npi_check_digit import NPI_CHECK_DIGIT
from services.validation.domain.rules.cms.npi_registered import NPI_REGISTERED
from services.validation.domain.rules.cms.place_of_service_valid import PLACE_OF_SERVICE_VALID
from services.validation.domain.rules.cms.place_seldom import PLACE_SELDOM
from services.validation.domain.rules.cms.procedure_code_known import PROCEDURE_CODE_KNOWN
from services.validation.domain.rules.cms.procedure_described import PROCEDURE_DESCRIBED
from services.validation.domain.rules.cms.procedure_payable import PROCEDURE_PAYABLE
from services.validation.domain.rules.cms.sex_edit import SEX_EDIT
from services.validation.domain.rules.cms.telehealth_place import TELEHEALTH_PLACE
from services.validation.domain.rules.nchs.diagnosis_billable import DIAGNOSIS_BILLABLE
from services.validation.domain.rules.nchs.diagnosis_duplicates import DIAGNOSIS_DUPLICATES
from services.validation.domain.rules.nchs.diagnosis_specific import DIAGNOSIS_SPECIFIC
from services.validation.domain.rules.nchs.excludes1_pair import EXCLUDES1_PAIR
from services.validation.domain.rules.nchs.manifestation_after_cause import MANIFESTATION_AFTER_CAUSE
from services.validation.domain.rules.nchs.primary_diagnosis_acceptable import PRIMARY_DIAGNOSIS_ACCEPTABLE
from services.validation.domain.rules.payer.authorization_on_service import AUTHORIZATION_ON_SERVICE
from services.validation.domain.rules.payer.coverage_active import COVERAGE_ACTIVE
from services.validation.domain.rules.payer.coverage_filing_order import COVERAGE_FILING_ORDER
from services.validation.domain.rules.payer.coverage_left_out import COVERAGE_LEFT_OUT
from services.validation.domain.rules.payer.coverage_of_patient import COVERAGE_OF_PATIENT
from services.validation.domain.rules.payer.timely_filing import TIMELY_FILING
from services.validation.domain.rules.x12.billing_provider_complete import BILLING_PROVIDER_COMPLETE
from services.validation.domain.rules.x12.billing_provider_known import BILLING_PROVIDER_KNOWN
from services.validation.domain.rules.x12.claim_filing_indicator_known import CLAIM_FILING_INDICATOR_KNOWN
from services.validation.domain.rules.x12.diagnosis_count import DIAGNOSIS_COUNT
from services.validation.domain.rules.x12.diagnosis_pointers import DIAGNOSIS_POINTERS
from services.validation.domain.rules.x12.line_count import LINE_COUNT
from services.validation.domain.rules.x12.line_dates import LINE_DATES
from services.validation.domain.rules.x12.line_units import LINE_UNITS
from services.validation.domain.rules.x12.patient_address_known import PATIENT_ADDRESS_KNOWN
from services.validation.domain.rules.x12.rendering_provider_complete import RENDERING_PROVIDER_COMPLETE
from services.validation.domain.rules.x12.service_after_birth import SERVICE_AFTER_BIRTH
from services.validation.domain.rules.x12.service_not_in_future import SERVICE_NOT_IN_FUTURE
from services.validation.domain.rules.x12.taxonomy_known import TAXONOMY_KNOWN

RULE_SET_VERSION: Final = "2026.11.29"
RULES: Final[tuple[Rule, ...]] = (
    DIAGNOSIS_COUNT,
    DIAGNOSIS_BILLABLE,
    DIAGNOSIS_DUPLICATES,
    PRIMARY_DIAGNOSIS_ACCEPTABLE,
    MANIFESTATION_AFTER_CAUSE,
    EXCLUDES1_PAIR,
    DIAGNOSIS_SPECIFIC,
    AGE_EDIT,
    SEX_EDIT,
    LINE_COUNT,
    PROCEDURE_CODE_KNOWN,
    PROCEDURE_PAYABLE,
    PROCEDURE_DESCRIBED,
    MODIFIERS_VALID,
    MODIFIERS_AGREE,
    ANATOMICAL_MODIFIERS,
    MODIFIER_OF_SCHEDULE,
    TELEHEALTH_PLACE,
    DIAGNOSIS_POINTERS,
    LINE_UNITS,
    LINE_DATES,
    SERVICE_NOT_IN_FUTURE,
    SERVICE_AFTER_BIRTH,
    DUPLICATE_LINE,
    DUPLICATE_SERVICE,
    NCCI_PAIR_EDIT,
    GLOBAL_PERIOD,
    MEDICALLY_UNLIKELY_UNITS,
    ADD_ON_PRIMARY,
    MEDICAL_NECESSITY,
    PLACE_OF_SERVICE_VALID,
    PLACE_SELDOM,
    BILLING_PROVIDER_KNOWN,
    BILLING_PROVIDER_COMPLETE,
    RENDERING_PROVIDER_COMPLETE,
    NPI_CHECK_DIGIT,
    NPI_REGISTERED,
    TAXONOMY_KNOWN,
    PATIENT_ADDRESS_KNOWN,
    CLAIM_FILING_INDICATOR_KNOWN,
    MEDICARE_NUMBER_FORM,
    COVERAGE_OF_PATIENT,
    COVERAGE_FILING_ORDER,
    COVERAGE_ACTIVE,
    COVERAGE_LEFT_OUT,
    AUTHORIZATION_ON_SERVICE,
    MEDICAID_PAYS_LAST,
    MEDICARE_SECONDARY_PAYER,
    TIMELY_FILING,
)
RULE_SETS: Final[tuple[RuleSet, ...]] = (RuleSet(version=RULE_SET_VERSION, in_force_from=None, rules=RULES),)
