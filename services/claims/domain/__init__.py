"""The rules of claims as pure functions; one file per aggregate, and those that join facts or write and read X12."""
