"""Everything in one process: five services, the payer simulator, an embedded PostgreSQL. Start at `README.md`."""
