"""Rules of the X12 implementation guide for professional claims, 005010X222A1."""
