"""The certificates that PayPal signs its webhooks with: where one is fetched, and whether it speaks for PayPal.

The address of the certificate is in the request, so anybody can write one there, and anybody can make a certificate in
PayPal's name. It is fetched over TLS from the hosts that PayPal uses for this mode alone, and believed when it leads to
a root that is trusted for TLS, is in the name of PayPal's message verification, and is in force.

An account with an address of its own (a simulator, or a proxy that the operator allows) gets its certificate from that
host. Who runs it answers every other question about the account as well, so there no root is asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from lms_core.commerce.payments.gateways.port import Account, Forged, GatewayError, Mode
from lms_core.commerce.payments.gateways.wire import Wire, refuse_strange_host

HOSTS = {
    Mode.LIVE: frozenset({"api.paypal.com", "api-m.paypal.com"}),
    Mode.TEST: frozenset({"api.sandbox.paypal.com", "api-m.sandbox.paypal.com"}),
}
NAMES = {
    Mode.LIVE: frozenset({"messageverificationcerts.paypal.com"}),
    Mode.TEST: frozenset({"messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"}),
}
PATH = "/v1/notifications/certs/"
LONGEST_CHAIN = 6


class Incomplete(Exception):
    """A certificate in the right name without those between it and a root: whose it is cannot be told from it."""


def refuse_place(wire: Wire, account: Account, url: str) -> None:
    """Forged unless PayPal keeps its certificates there."""
    parts = urlsplit(url)
    place = parts.path.startswith(PATH) and not parts.username and ".." not in parts.path
    if account.base_url:
        try:
            refuse_strange_host(url, wire.allowed_hosts)
        except GatewayError as error:
            raise Forged("the certificate is at a strange host") from error
        if not place or parts.netloc != urlsplit(account.base_url).netloc:
            raise Forged("the certificate is at a strange host")
        return
    try:
        odd = parts.port not in {None, 443}
    except ValueError:
        odd = True
    if not place or odd or parts.scheme != "https" or parts.hostname not in HOSTS[account.mode]:
        raise Forged("the certificate is at a strange host")


def key_of(pem: str, mode: Mode, at: datetime, roots: Sequence[x509.Certificate] | None) -> RSAPublicKey:
    """The key of the first certificate in `pem`, when it speaks for PayPal `at`; the others lead from it to a root.

    `roots`: those it may lead to; None for the certificate of a host that is trusted by itself. Forged, Incomplete.
    """
    chain = _read(pem)
    leaf = chain[0]
    name = _name(leaf)
    if name not in NAMES[mode]:
        raise Forged("the certificate is not PayPal's for messages")
    if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        raise Forged("the certificate is not valid now")
    key = leaf.public_key()
    if not isinstance(key, RSAPublicKey):
        raise Forged("the certificate has no RSA key")
    if roots is not None:
        _refuse_strangers(chain, name, at, roots)
    return key


def _refuse_strangers(
    chain: Sequence[x509.Certificate], name: str, at: datetime, roots: Sequence[x509.Certificate]
) -> None:
    leaf, between = chain[0], list(chain[1:])
    verifier = PolicyBuilder().store(Store(roots)).time(at).build_server_verifier(x509.DNSName(name))
    try:
        verifier.verify(leaf, between)
    except (VerificationError, ValueError) as error:
        if not between and leaf.issuer != leaf.subject:
            raise Incomplete from error
        raise Forged("the certificate does not lead to a trusted root") from error


def _read(pem: str) -> list[x509.Certificate]:
    try:
        chain = x509.load_pem_x509_certificates(pem.encode("ascii"))
    except ValueError as error:
        raise Forged("there is no certificate at the address") from error
    if len(chain) > LONGEST_CHAIN:
        raise Forged("there are too many certificates at the address")
    return chain


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""
