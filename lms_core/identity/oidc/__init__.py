"""Logging in by another service: any OpenID Connect provider, Google among them.

Authorization code flow with PKCE (RFC 7636), state and nonce; identity tokens are checked by OpenID Connect Core
3.1.3.7. Invariants: a person is known by the provider's `sub`, never by an address; an existing account is linked
by its address only when the provider vouches for it and the account's owner confirmed it here; a client secret is
kept sealed.
"""
