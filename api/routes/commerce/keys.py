"""The header that makes a request that moves money safe to send twice."""

from typing import Annotated

from fastapi import Header

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Yours, new for each thing you ask for. The same key again gives the same answer.",
    ),
]
