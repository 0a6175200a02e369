"""A small authority: certificates as a provider shows them, from its own down to one below a root."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "messageverificationcerts.paypal.com"
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
LIFE = timedelta(days=3650)
USES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


@cache
def key(owner: str) -> rsa.RSAPrivateKey:
    """The key of somebody; making one is slow, so each is made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def made(
    owner: str,
    by: str,
    owned: rsa.RSAPrivateKey,
    *,
    authority: bool = False,
    name: str = "",
    begin: datetime = BEGIN,
    life: timedelta = LIFE,
) -> x509.Certificate:
    """A certificate of `owner` signed by `by`; `name`: the host it is for."""
    uses = {"key_cert_sign", "crl_sign"} if authority else {"digital_signature"}
    signer = key(by) if by != owner else owned
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name or owner))
        .issuer_name(_name(by if by != owner else name or owner))
        .public_key(owned.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + life)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.KeyUsage(**{use: use in uses for use in USES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(owned.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if not authority:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name or owner)]), critical=False
        ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(signer, SHA256())


def pem(*certificates: x509.Certificate) -> str:
    """As they stand in a file, one after the other."""
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in certificates)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


ROOTS = [made("Root", "Root", key("Root"), authority=True)]
BETWEEN = made("Between", "Root", key("Between"), authority=True)


def chain(owned: rsa.RSAPrivateKey, name: str = NAME, **more: timedelta | datetime) -> str:
    """A certificate for that key and name, and the one that leads from it to the root."""
    return pem(made("leaf", "Between", owned, name=name, **more), BETWEEN)
