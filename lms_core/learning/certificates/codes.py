"""The codes of certificates: unguessable, and kind to whoever copies one from paper.

Crockford's Base32 (https://www.crockford.com/base32.html): no I, L, O or U.
25 characters hold 125 random bits.
"""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 25, 5
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def new_code() -> str:
    """A fresh code in groups of five: `7K3MP-...`."""
    return grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def grouped(plain: str) -> str:
    """The code as it is shown and stored."""
    return "-".join(plain[start : start + GROUP] for start in range(0, len(plain), GROUP))


def normal(typed: str) -> str | None:
    """The code that somebody typed, whatever the case, spaces and lookalike letters. None: it cannot be one."""
    if len(typed) > 4 * LENGTH:
        return None
    plain = re.sub(r"[\s-]", "", typed).upper().translate(_LOOKALIKES)
    return grouped(plain) if _CODE.fullmatch(plain) else None
