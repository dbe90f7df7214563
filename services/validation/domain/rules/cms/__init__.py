"""Rules of the Centers for Medicare & Medicaid Services: code sets, code editor, identifiers."""
