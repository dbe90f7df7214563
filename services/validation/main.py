"""Everything that validation runs, on one screen.

Owns: the wiring, and which code tables it scrubs with. Refuses: behaviour; each line names something that is explained
elsewhere. Next: any of those names.
"""

from pathlib import Path

from services.validation import effects, reactors
from services.validation.domain.backlog import BACKLOGS, BacklogLeft
from services.validation.domain.payer_rule.draft import PAYER_RULE_DRAFTS, PayerRuleDrafted
from services.validation.domain.payer_rule.in_force import PAYER_RULE_SETS, PayerRuleFact
from services.validation.domain.scrub import SCRUBS, PrivateScrubEvent
from services.validation.domain.table_pass import TABLE_PASSES, TablePassEvent
from services.validation.domain.tables import Tables
from services.validation.projections.coded_days import CODED_DAYS
from services.validation.projections.codes import CODES
from services.validation.projections.coverages import COVERAGES
from services.validation.projections.days import DAYS
from services.validation.projections.encounters import ENCOUNTERS
from services.validation.projections.findings import FINDINGS
from services.validation.projections.gaps import GAPS
from services.validation.projections.loaded_tables import LOADED_TABLES
from services.validation.projections.patient_authorizations import PATIENT_AUTHORIZATIONS
from services.validation.projections.patient_coverages import PATIENT_COVERAGES
from services.validation.projections.patient_years import PATIENT_YEARS
from services.validation.projections.patients import PATIENTS
from services.validation.projections.payer_rules import PAYER_RULES
from services.validation.projections.payer_rules_in_force import PAYER_RULES_IN_FORCE
from services.validation.projections.payers import PAYERS
from services.validation.projections.procedure_years import PROCEDURE_YEARS
from services.validation.projections.providers import PROVIDERS
from services.validation.projections.rule_months import RULE_MONTHS
from services.validation.projections.scrubs import STANDINGS
from services.validation.projections.submissions import SUBMISSIONS
from services.validation.projections.table_passes import TABLE_PASS_ROWS
from services.validation.projections.waits import WAITS
from services.validation.settings import PREFIX, Settings
from shared.kernel.unions import members
from shared.runtime.definition import Api, Service, Worklist
from shared.runtime.tables import CodeTables, starter_files, starters_in


def service(settings: Settings, tables: Tables) -> Service:
    """Return validation as a value: what it decides, what it reacts to, what it answers.

    **Shape**: `tables` are starters.
    """
    code_tables = CodeTables(tables.library, LOADED_TABLES, settings.tables_cache)
    return Service(
        name="validation",
        title="Validation: scrubs of codes, findings, and the wait for the facts that they need",
        api=_api,
        settings=settings,
        deciders=(SCRUBS, BACKLOGS, TABLE_PASSES, PAYER_RULE_DRAFTS, PAYER_RULE_SETS),
        reactions=reactors.reactions(lambda loaded: tables.over(code_tables.library(loaded))),
        projections=(
            CODES,
            CODED_DAYS,
            DAYS,
            ENCOUNTERS,
            PATIENTS,
            COVERAGES,
            PATIENT_COVERAGES,
            PATIENT_AUTHORIZATIONS,
            PATIENT_YEARS,
            PROCEDURE_YEARS,
            SUBMISSIONS,
            PAYERS,
            PROVIDERS,
            WAITS,
            STANDINGS,
            FINDINGS,
            RULE_MONTHS,
            GAPS,
            TABLE_PASS_ROWS,
            LOADED_TABLES,
            PAYER_RULES,
            PAYER_RULES_IN_FORCE,
        ),
        private_events=(
            *members(PrivateScrubEvent),
            BacklogLeft,
            *members(TablePassEvent),
            PayerRuleDrafted,
            *members(PayerRuleFact),
        ),
        effects=(effects.take_tables(code_tables),),
        worklists={
            "rejected-codes": Worklist(
                projection=STANDINGS,
                where={"status": "rejected"},
                owner="coder",
                about="Encounters whose codes must not be billed; each finding says who mends what.",
            ),
            "waiting-scrubs": Worklist(
                projection=STANDINGS,
                where={"status": "waiting"},
                owner="front desk",
                about="Coded encounters that lack a patient, coverage, payer, provider or documentation.",
                missing="missing",
                since="changed_at",
            ),
            **{f"findings-{owner}": _errors_of(owner) for owner in ("coder", "biller", "front-desk")},
        },
        resources={Settings: settings, Tables: tables, CodeTables: code_tables},
        tables=starter_files(Path(settings.tables_folder)),
    )


def _api() -> Api:
    from services.validation import api  # noqa: PLC0415 (slow to load, and operators' commands do without)

    return Api(router=api.ROUTER, access=api.ACCESS)


def _errors_of(owner: str) -> Worklist:
    return Worklist(
        projection=FINDINGS,
        where={"owner": owner, "severity": "error"},
        owner=owner.replace("-", " "),
        about="Findings that stop a claim, by encounter and rule.",
        reason="rule_id",
    )


def tables_in(folder: Path) -> Tables:
    """Return the starters of a folder; a missing file is "not loaded". **Errors**: `NotATable` for a damaged one."""
    return Tables(library=starters_in(folder))


def configured() -> Service:
    """Return validation as the environment configures it; every process that runs it starts here."""
    settings = Settings.read(PREFIX)
    return service(settings, tables_in(Path(settings.tables_folder)))
