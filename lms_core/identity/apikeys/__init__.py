"""API keys: how a program acts for a person without their password.

Invariants: a key is shown once and kept as a prefix to find it by and a hash of the rest; it allows what its
scopes name and its owner may do, never more; an ended, expired or closed owner's key is nobody. A key cannot
change the account it belongs to.
"""
