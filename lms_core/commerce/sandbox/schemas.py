"""What the provider in the house tells about charges and movements."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from lms_core.commerce.sandbox.models import ChargeState
from lms_core.kit.money import Currency, Money


class Act(StrEnum):
    """What a person does on the page. `pay` needs a PIN; `approve` and `decline` are for cards."""

    PAY = "pay"
    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    TIME_OUT = "time_out"
    REVERSE = "reverse"


class Ask(BaseModel):
    """A charge to open."""

    model_config = ConfigDict(frozen=True)
    key: str
    reference: str
    amount: Money
    description: str
    payer: str
    return_url: str
    cancel_url: str
    keep: bool = False


class ChargeView(BaseModel):
    """A charge. `account`: the merchant's."""

    model_config = ConfigDict(frozen=True)
    id: UUID
    tenant_id: UUID
    account: UUID
    token: str
    reference: str
    amount: Money
    refunded: int
    description: str
    payer: str
    return_url: str
    cancel_url: str
    keep: bool
    method: str
    state: ChargeState
    receipt: str
    version: int
    created_at: datetime
    decided_at: datetime | None


class MovementView(BaseModel):
    """A refund or payout. Not `done`: the phone does not exist."""

    model_config = ConfigDict(frozen=True)
    id: UUID
    done: bool
    receipt: str
    amount: int
    currency: Currency
