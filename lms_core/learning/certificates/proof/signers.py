"""Who signs documents: a key of our own, one in a file (PEM, PKCS#12), or one in a token (PKCS#11)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from lms_core.learning.certificates.errors import SignerUnavailable

if TYPE_CHECKING:
    from pyhanko.sign import Signer

OWN_YEARS = 20
PKCS12_SUFFIXES = (".p12", ".pfx")
PKCS11 = "pkcs11:"


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """A private key with its certificate and the chain above it, all PEM."""

    private: bytes
    certificate: str
    chain: tuple[str, ...] = ()


def own_key(name: str, *, now: datetime) -> DocumentKey:
    """A fresh P-256 key with a self-signed certificate for `name` (an institution)."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64]),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, name[:64]),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * OWN_YEARS))
        .add_extension(usage, critical=True)
        .sign(private, hashes.SHA256())
    )
    return DocumentKey(_private_pem(private), _certificate_pem(certificate))


def key_of_file(path: Path, password: str) -> DocumentKey:
    """The key in a PKCS#12 file, or in a PEM file that holds key and certificates. SignerUnavailable."""
    secret = password.encode() or None
    try:
        content = path.read_bytes()
        if path.suffix.lower() in PKCS12_SUFFIXES:
            private, first, rest = pkcs12.load_key_and_certificates(content, secret)
            certificates = [each for each in (first, *rest) if each is not None]
        else:
            private = serialization.load_pem_private_key(content, secret)
            certificates = x509.load_pem_x509_certificates(content)
    except (OSError, ValueError, TypeError) as error:
        raise SignerUnavailable(f"MWALIMU_CERTIFICATE_SIGNER cannot be read: {error}") from error
    if private is None or not certificates:
        raise SignerUnavailable("MWALIMU_CERTIFICATE_SIGNER holds no key with its certificate.")
    pems = [_certificate_pem(each) for each in certificates]
    return DocumentKey(_private_pem(private), pems[0], tuple(pems[1:]))


def signer_of(key: DocumentKey) -> "Signer":
    """What pyHanko signs with. The certificate's own signature is not checked here."""
    from asn1crypto import keys, pem  # type: ignore[import-untyped]
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    def loaded(text: str) -> Any:
        return asn1_x509.Certificate.load(pem.unarmor(text.encode())[2])

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    for each in key.chain:
        store.register(loaded(each))
    private = keys.PrivateKeyInfo.load(pem.unarmor(key.private)[2])
    return SimpleSigner(signing_cert=loaded(key.certificate), signing_key=private, cert_registry=store)


def signer_of_token(uri: str, pin: str) -> "Signer":
    """A signer over a PKCS#11 token, named as in RFC 7512:
    `pkcs11:token=LABEL;object=KEY?module-path=/path/to/module.so`. SignerUnavailable.
    """
    path, _, query = uri.removeprefix(PKCS11).partition("?")
    named = {name: unquote(value) for name, _, value in (part.partition("=") for part in path.split(";"))}
    module = parse_qs(query).get("module-path", [""])[0]
    if not module or "token" not in named or "object" not in named:
        raise SignerUnavailable("MWALIMU_CERTIFICATE_SIGNER: name token, object and module-path (RFC 7512).")
    try:
        from pyhanko.config.pkcs11 import TokenCriteria
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
    except ImportError as error:
        raise SignerUnavailable("PKCS#11 needs the package python-pkcs11: pip install 'pyhanko[pkcs11]'.") from error
    try:
        session = open_pkcs11_session(module, token_criteria=TokenCriteria(label=named["token"]), user_pin=pin or None)
        # Hashed here: few tokens can hash and sign in one mechanism, all can sign a hash.
        signer = PKCS11Signer(session, cert_label=named["object"], key_label=named["object"], use_raw_mechanism=True)
        assert signer.signing_cert is not None  # reads it, so that a wrong label is told here
    except Exception as error:  # the module's own errors share no base class
        raise SignerUnavailable(f"The PKCS#11 token cannot be used: {error!r}") from error
    return signer


def certificate_of(signer: "Signer") -> str:
    """The PEM certificate a signer signs with."""
    found = x509.load_der_x509_certificate(signer.signing_cert.dump())
    return _certificate_pem(found)


def _private_pem(key: Any) -> bytes:
    kept: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return kept


def _certificate_pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
