"""Where one is logged in, which browsers are trusted, and what was noticed about one's account, as a page."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.rendering import page, redirect
from lms_core.identity.access import service as access
from lms_core.identity.alerts import service as alerts
from lms_core.identity.auth import standing
from lms_core.identity.secondfactor import trust

router = APIRouter(include_in_schema=False)

DEVICES = "/profile/security/devices"


@router.get(DEVICES)
def devices(request: Request, ctx: Reading) -> Response:
    """Sessions, trusted devices and alerts."""
    noticed = alerts.own(ctx)
    return page(
        request,
        ctx.actor,
        "account/devices.html",
        sessions=standing.own(ctx),
        trusted=trust.devices(ctx, user_id=access.own_account(ctx)),
        alerts=noticed,
        waiting=sum(not each.acknowledged for each in noticed),
    )


@router.post("/profile/security/sessions/{session_id}/end")
def end_session(ctx: Writing, session_id: UUID) -> Response:
    """Log out another device."""
    standing.end(ctx, session_id=session_id)
    return redirect(DEVICES, notice="session-ended")


@router.post("/profile/security/sessions/end")
def end_other_sessions(ctx: Writing) -> Response:
    """Log out everywhere but here."""
    standing.end_others(ctx)
    return redirect(DEVICES, notice="sessions-ended")


@router.post(DEVICES + "/{device_id}/distrust")
def distrust(ctx: Writing, device_id: UUID) -> Response:
    """Ask a trusted browser for codes again."""
    trust.end(ctx, user_id=access.own_account(ctx), device_id=device_id)
    return redirect(DEVICES, notice="saved")


@router.post("/profile/security/alerts/{alert_id}/acknowledge")
def acknowledge(ctx: Writing, alert_id: UUID) -> Response:
    """Say that what was noticed was oneself."""
    alerts.acknowledge(ctx, alert_id=alert_id)
    return redirect(DEVICES, notice="saved")
