"""FHIR R4 into the services: read files, map resources to records, link them, and send them over HTTP.

Read in this order: `reader.py` (files to resources), `mapping.py` (resource to record), `linking.py` (references),
`importing.py` (the run), `over_http.py` (requests).
"""
