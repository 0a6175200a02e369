"""Inputs and views of alerts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from lms_core.identity.alerts.models import AlertKind


@dataclass(frozen=True, slots=True)
class Seen:
    """One use of an account: by which program, from where, when."""

    user_agent: str
    ip: str
    at: datetime


class AlertView(BaseModel):
    """One thing noticed about one's account. `program` and `system` as in `kit.agents`, `country` ISO 3166-1 alpha-2.

    `details` of impossible travel: from_country, from_city, kilometres, minutes; of a concurrent login:
    other_program, other_system.
    """

    id: UUID
    kind: AlertKind
    program: str
    system: str
    ip: str
    country: str
    city: str
    details: dict[str, Any]
    at: datetime
    acknowledged: bool
