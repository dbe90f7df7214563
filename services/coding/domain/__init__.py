"""The rules of coding as pure functions; one file per aggregate, and the automatic rule."""
