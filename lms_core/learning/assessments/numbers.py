"""Numbers as people type them: decimal point or comma, grouped digits, a real minus sign."""

import re
from decimal import Decimal, InvalidOperation

LONGEST = 60
SPACES = re.compile(r"[\s\u00a0\u202f_']")
PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
GROUPED = r"[+-]?\d{{1,3}}({mark}\d{{3}})+"


def readings(text: str) -> frozenset[Decimal]:
    """Every number that `text` may mean; empty when it is none.

    "3,5" is 3.5. "1,234" is both 1.234 and 1234, since one half of the world writes it for the one and the other half
    for the other; "1,234.5" and "1.234,5" have one reading each.
    """
    bare = SPACES.sub("", text).replace("\N{MINUS SIGN}", "-")
    if not bare or len(bare) > LONGEST:
        return frozenset()
    forms = (
        {bare} if "," not in bare else {bare.replace(",", ".")} if bare.count(",") == 1 and "." not in bare else set()
    )
    for mark, point in ((",", "."), (".", ",")):
        whole, _, rest = bare.partition(point)
        if re.fullmatch(GROUPED.format(mark=re.escape(mark)), whole):
            forms.add(whole.replace(mark, "") + (f".{rest}" if rest else ""))
    return frozenset(number for form in forms if PLAIN.fullmatch(form) and (number := _decimal(form)) is not None)


def _decimal(form: str) -> Decimal | None:
    try:
        return Decimal(form)
    except InvalidOperation:  # an exponent past what decimals hold
        return None
