"""The kit: everything that does I/O for the services; flat, nothing to inherit. Start at `definition.py`."""
