"""Views of watching."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Advice = Literal["more_light", "uncover_camera", "clean_lens", "show_face", "one_person"]


class IdentityView(BaseModel):
    """How the identity photograph went. `enrolled` false: nothing was kept; follow `advice` and take another.

    `compared` false: the photograph is kept for reviewers, but the model that compares faces is not installed.
    """

    model_config = ConfigDict(frozen=True)

    enrolled: bool
    compared: bool
    faces: int
    advice: tuple[Advice, ...]
