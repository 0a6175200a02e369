"""Passkeys (W3C Web Authentication Level 3): logging in with a device's own key instead of a password.

Invariants: a key's private half never comes here; each ceremony has a random challenge that is good once; a
signature counter that goes backwards refuses the login; the user was verified by the device, so a passkey is two
factors at once.
"""
