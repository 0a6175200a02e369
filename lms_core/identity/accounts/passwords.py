"""Passwords: argon2id hashes, and which passwords are refused.

Parameters are OWASP's second recommended set for argon2id (19 MiB, 2 passes,
1 lane): a server for a whole school cannot spend 64 MiB on each of 40
simultaneous logins. At most `AT_ONCE` hashes run together, which bounds the
memory whatever arrives.
"""

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lms_core.identity.accounts.errors import WeakPassword

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 128
AT_ONCE = 8

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_turn = threading.BoundedSemaphore(AT_ONCE)

# The most used passwords of ten characters or more in public breach counts, and ones people here would try.
# fmt: off
COMMON = frozenset({
    "1234567890", "0123456789", "0987654321", "9876543210", "1q2w3e4r5t", "1qaz2wsx3edc", "q1w2e3r4t5", "qwertyuiop",
    "qwerty1234", "qwerty12345", "qwerty123456", "1234567891", "12345678910", "123456789a", "a123456789",
    "abcd123456", "abc1234567", "asdfghjkl1", "password12", "password123", "password1234", "passw0rd123",
    "password01", "passwordpassword", "iloveyou12", "iloveyou123", "letmein123", "welcome123", "welcome1234",
    "football123", "princess123", "sunshine123", "superman123", "liverpool1", "liverpool123", "manchester",
    "chelsea123", "arsenal123", "basketball", "administrator", "changeme123", "nenosiri123", "nakupenda123",
    "hakunamatata", "mwalimu123", "mwalimu1234", "mwanafunzi", "kenya12345", "kenya254254", "safaricom123",
    "nairobi123", "jesus12345", "jesuschrist",
})
# fmt: on


def _canonical(password: str) -> bytes:
    """NIST SP 800-63B, 3.1.1.2: normalised before hashing, so that keyboards that compose letters differently agree."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def hashed(password: str) -> str:
    """The argon2id hash. Costs tens of milliseconds: never inside a write transaction that began."""
    with _turn:
        return _hasher.hash(_canonical(password))


@cache
def _nobodys_hash() -> str:
    return hashed("the password of no account at all")


def matches(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the one hashed. Takes as long when there is no hash, so time tells nothing."""
    stored = password_hash or _nobodys_hash()
    with _turn:
        try:
            _hasher.verify(stored, _canonical(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def check(password: str, *, email: str, full_name: str) -> None:
    """WeakPassword when anybody who knows the person, or a list of common passwords, would guess it."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        raise WeakPassword(f"Choose a password of {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters.")
    personal = {email.casefold(), email.casefold().partition("@")[0], full_name.casefold()}
    if plain in personal or plain.replace(" ", "") in {each.replace(" ", "") for each in personal}:
        raise WeakPassword("The password is your e-mail address or your name. Choose something only you know.")
    if plain in COMMON or len(set(plain)) < 4:
        raise WeakPassword(
            "This password is among the first that anybody would try. Choose another, such as four words."
        )
