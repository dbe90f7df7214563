"""Which tables of codes that users loaded are in force: one row for all."""

from shared.runtime.tables import loaded_tables

LOADED_TABLES = loaded_tables("foreign")
