"""Mobile numbers: as people write them, as providers want them, and as they are shown."""

import re

from lms_core.commerce.payments.errors import PhoneInvalid

# Kenya, Uganda, Tanzania, Rwanda, Nigeria, Ghana, South Africa, India: what a national number looks like without its 0.
NATIONAL = {"254": r"[17]\d{8}", "256": r"7\d{8}", "255": r"[67]\d{8}", "250": r"7\d{8}",
            "234": r"[789]\d{9}", "233": r"[25]\d{8}", "27": r"[678]\d{8}", "91": r"[6-9]\d{9}"}  # fmt: skip
CODES = {"KE": "254", "UG": "256", "TZ": "255", "RW": "250", "NG": "234", "GH": "233", "ZA": "27", "IN": "91"}
NOISE = re.compile(r"[\s().\-]")


def normal(typed: str, *, country: str = "KE") -> str:
    """E.164 digits without plus: 0712 345 678 is 254712345678. PhoneInvalid."""
    digits = NOISE.sub("", typed)
    own = CODES.get(country, "254")
    if digits.startswith("+"):
        digits = digits[1:]
    elif digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0"):
        digits = own + digits[1:]
    elif re.fullmatch(NATIONAL[own], digits):
        digits = own + digits
    if any(re.fullmatch(code + national, digits, re.ASCII) for code, national in NATIONAL.items()):
        return digits
    raise PhoneInvalid()


def masked(phone: str) -> str:
    """2547***126; "" for none."""
    return f"{phone[:4]}***{phone[-3:]}" if phone else ""
