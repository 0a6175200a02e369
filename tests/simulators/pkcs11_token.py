"""A PKCS#11 token in software: SoftHSM with one key and its certificate, in a folder of the test's own."""

import os
import shutil
import subprocess
from glob import glob
from pathlib import Path

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11.util.x509 import decode_x509_certificate

from lms_core.learning.certificates.proof.signers import DocumentKey
from tests.services import absent

PIN = "2468"
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/*/softhsm/libsofthsm2.so")


def make_token(folder: Path, key: DocumentKey, *, label: str, name: str) -> str:
    """The URI (RFC 7512) of `key`, kept under `name` in a new token `label`. Needs `softhsm2-util` and its module.

    The module reads `SOFTHSM2_CONF` when the process first uses it, so a process has one such folder.
    """
    modules = [path for pattern in MODULES for path in glob(pattern)]
    if shutil.which("softhsm2-util") is None or not modules:
        absent("SoftHSM")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    (folder / "key.pem").write_bytes(key.private)
    _run("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", PIN)
    _run("--import", str(folder / "key.pem"), "--token", label, "--label", name, "--id", "A1", "--pin", PIN)
    der = x509.load_pem_x509_certificate(key.certificate.encode()).public_bytes(Encoding.DER)
    with pkcs11.lib(modules[0]).get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
        kept = decode_x509_certificate(der) | {pkcs11.Attribute.LABEL: name, pkcs11.Attribute.TOKEN: True}
        session.create_object(kept)
    return f"pkcs11:token={label};object={name}?module-path={modules[0]}"


def _run(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
