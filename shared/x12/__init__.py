"""X12 005010 as bytes -> frozen values -> bytes; pure, standard library only.

Read from the outside in: `separators.py` (what an ISA says), `tokens.py` (segments), `loops.py` (segments that belong
together), `interchange.py` (envelopes and transaction sets), `elements.py` (amounts, days), `writer.py` (the way back),
`hierarchy.py` (trees of HL), `segments.py` and `claim_status.py` (what several guides write alike), `sets/` (one each).
**Source**: ASC X12 005010, its HIPAA guides and the RFIs; each rule names its own.
"""
