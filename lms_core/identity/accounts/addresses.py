"""E-mail addresses: which are well-formed, and when two are the same."""

import re

MAXIMUM_LENGTH = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
MAXIMUM_LOCAL_LENGTH = 64  # RFC 5321, 4.5.3.1.1

# The WHATWG HTML standard's "valid e-mail address" (what browsers accept in type=email), with a dot in the domain.
WELL_FORMED = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+"
    r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+"
)


def normalise(text: str) -> str:
    """The address in `text`: spaces around it removed, the domain in lower case and ASCII (IDNA).

    ValueError, saying why, when it is not an address mail can be sent to.
    """
    local, at, domain = text.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise ValueError("the part after @ is not a domain name") from error
    address = f"{local}{at}{ascii_domain}"
    if len(address) > MAXIMUM_LENGTH or len(local) > MAXIMUM_LOCAL_LENGTH:
        raise ValueError("an e-mail address has at most 64 characters before @ and 254 in all")
    if WELL_FORMED.fullmatch(address) is None:
        raise ValueError("this is not an e-mail address; one looks like name@example.org")
    return address


def key_of(address: str) -> str:
    """What two spellings of one address share. Upper and lower case count as one: mailboxes that differ by case alone
    exist in the standard, not in practice.
    """
    return normalise(address).casefold()
