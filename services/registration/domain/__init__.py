"""The rules of registration as pure functions; one file per aggregate."""
