"""Where people are paid out, sealed at rest, and how little of it is shown."""

import json
from typing import Any

from lms_core.commerce.revenue.models import PayoutWay
from lms_core.commerce.revenue.schemas import BankIn, PhoneIn
from lms_core.kit.context import ReadCtx
from lms_core.kit.crypto import Keys

PURPOSE = "revenue.payout"


def seal(ctx: ReadCtx, details: PhoneIn | BankIn) -> str:
    """The details under the installation's key."""
    return ctx.resources.get(Keys).encrypt(PURPOSE, details.model_dump_json().encode()).decode()


def opened(ctx: ReadCtx, sealed: str) -> PhoneIn | BankIn:
    """The details again. ValueError when they were sealed by another installation."""
    plain: dict[str, Any] = json.loads(ctx.resources.get(Keys).decrypt(PURPOSE, sealed.encode()))
    return BankIn.model_validate(plain) if plain["way"] == PayoutWay.BANK else PhoneIn.model_validate(plain)


def masked(details: PhoneIn | BankIn) -> str:
    """What may be seen of them: `2547•••126`, `Equity ••••1234`."""
    if isinstance(details, BankIn):
        return f"{details.bank[:40]} ••••{details.account[-4:]}"
    return f"{details.phone[:4]}•••{details.phone[-3:]}"
