"""Text that no database can store is refused before any route sees it.

JSON can spell a NUL and half of a surrogate pair; PostgreSQL stores neither, and
the second cannot even be encoded. Addresses can spell a NUL too.
"""

import re

from fastapi import Request
from fastapi.exceptions import RequestValidationError

SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


async def guard(request: Request) -> None:
    """Refuse unstorable text in the address or a JSON body as malformed."""
    if "\x00" in request.url.path or b"%00" in request.scope.get("query_string", b""):
        raise _malformed("path" if "\x00" in request.url.path else "query")
    if "json" not in request.headers.get("content-type", ""):
        return
    if SUSPECT.search(await request.body()) is None:
        return
    try:
        content = await request.json()
    except (ValueError, RecursionError):
        return  # the route explains what is wrong with it
    if _is_unstorable(content):
        raise _malformed("body")


def _is_unstorable(content: object) -> bool:
    waiting = [content]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) and UNSTORABLE.search(each):
            return True
        if isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each
    return False


def _malformed(where: str) -> RequestValidationError:
    message = "The text holds a NUL character or half of a surrogate pair. Remove it and send the rest again."
    return RequestValidationError([{"type": "unstorable_text", "loc": (where,), "msg": message}])
