"""Rules of the ICD-10-CM Official Guidelines, which HIPAA makes binding (45 CFR 162.1002)."""
