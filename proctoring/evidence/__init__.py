"""Evidence: pictures of a session, encrypted, and every way to see one.

Invariants: bytes are looked at before they are stored and are sealed before they
leave memory; each session has a data key of its own, wrapped by the
installation's key, which no table holds; a sequence number is stored once in a
session and kind; nobody sees a picture but through a verb that checks the right
and writes down who looked; nothing here sends a picture anywhere.
"""
