"""What carries files to the clearinghouse and back besides HTTP: a folder, SFTP on that folder; one counter for all.

Owns: how files get to the counter. Refuses: what is done with them (`../front.py`). Next: `counter.py`.
"""
