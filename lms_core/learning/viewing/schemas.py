"""Inputs and views of viewing, in seconds of the film."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Second = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class Viewed(BaseModel):
    """What a player reports: where it is, and the stretches played since it last told."""

    position: Second
    watched: list[tuple[Second, Second]] = Field(default=[], max_length=100)


class VideoProgressView(BaseModel):
    """Where to go on, and how much was really seen."""

    model_config = ConfigDict(frozen=True)

    lesson_id: UUID
    item_id: UUID
    position: float
    percent: int
    intervals: tuple[tuple[float, float], ...]
