"""A clearinghouse and the payers behind it, as a real HTTP server, for development and tests."""
