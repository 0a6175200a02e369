"""Secrets: keys derived per purpose from the one secret key, and encryption at rest."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class Keys:
    """Derives independent keys from the installation's secret (HKDF-like HMAC-SHA256 by purpose)."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def derive(self, purpose: str) -> bytes:
        """32 bytes for `purpose`; the same every time, unrelated between purposes."""
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()

    def encrypt(self, purpose: str, content: bytes) -> bytes:
        """Authenticated encryption under the purpose's key."""
        return self._fernet(purpose).encrypt(content)

    def decrypt(self, purpose: str, content: bytes) -> bytes:
        """The content again. ValueError when it was altered or sealed for another purpose or key."""
        try:
            return self._fernet(purpose).decrypt(content)
        except InvalidToken as error:
            raise ValueError("cannot be decrypted with this installation's key") from error

    def _fernet(self, purpose: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.derive(purpose)))
