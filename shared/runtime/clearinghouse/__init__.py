"""A clearinghouse: files go out under a key, and come in without anything being removed, whatever carries them.

Owns: the transports, one file each, and which of them an address means. Refuses: what files say (`effects.py` of a
service). Next: `port.py` says what each of them promises; `address.py` chooses.
"""
