"""One's own API keys, as a page."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors, errors_of
from api.web.permission_words import PERMISSIONS
from api.web.rendering import page, redirect, words
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.identity.alerts import service as alerts
from lms_core.identity.apikeys import service as apikeys
from lms_core.identity.apikeys.schemas import NewApiKey
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=2000)]
KEYS = "/profile/security/keys"
USUAL_DAYS = "90"


@router.get(KEYS)
def keys(request: Request, ctx: Reading) -> Response:
    """One's keys, and the form for another."""
    return _keys_page(request, ctx, errors={}, status=200, values={"days": USUAL_DAYS, "scopes": []})


@router.post(KEYS)
def make_key(
    request: Request,
    ctx: Writing,
    name: Line = "",
    days: Line = USUAL_DAYS,
    scopes: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make a key; its secret is shown this once."""
    values = {"name": name, "days": days, "scopes": scopes or []}
    try:
        made = apikeys.make(ctx, new=NewApiKey.model_validate(values))
    except ConfirmFirst:
        raise
    except (ValidationError, DomainError) as error:
        errors = errors_of(error, words(request, ctx.actor))
        return _keys_page(request, ctx, errors=errors, status=getattr(error, "status", 422), values=values)
    return page(request, ctx.actor, "account/key.html", made=made)


@router.post(KEYS + "/{key_id}/revoke")
def revoke_key(ctx: Writing, key_id: UUID) -> Response:
    """End a key at once."""
    apikeys.revoke(ctx, key_id=key_id)
    return redirect(KEYS, notice="key-revoked")


def _keys_page(request: Request, ctx: ReadCtx, *, errors: Errors, status: int, values: dict[str, Any]) -> Response:
    held = [each for each in Permission if ctx.actor.may(each) or ctx.actor.courses_where(each)]
    said = words(request, ctx.actor)
    return page(
        request,
        ctx.actor,
        "account/keys.html",
        status=status,
        keys=apikeys.own(ctx),
        offered={each.value: said.gettext(PERMISSIONS.get(each, each.value)) for each in held},
        waiting=alerts.waiting(ctx),
        values=values,
        errors=errors,
    )
