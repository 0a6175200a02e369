"""Moments as a reader meets them: in their own time zone, and how far away in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta
from fastapi import Request

from api.web.local_dates import as_field
from api.web.rendering import language_of
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx


class When:
    """A reader's calendar and language. One statement."""

    def __init__(self, request: Request, ctx: ReadCtx) -> None:
        assert ctx.actor.user_id is not None
        self.zone = ZoneInfo(accounts.account(ctx, user_id=ctx.actor.user_id).time_zone)
        self.now = ctx.now
        self._language = language_of(request, ctx.actor)

    def at(self, moment: datetime) -> str:
        """As in "Mon, 5 Jan 2026, 11:00"."""
        written: str = format_datetime(moment, "EEE, d MMM yyyy, HH:mm", tzinfo=self.zone, locale=self._language)
        return written

    def away(self, moment: datetime) -> str:
        """As in "in 10 days", or "2 hours ago": in the largest unit of which there are two or more."""
        written: str = format_timedelta(moment - self.now, threshold=2, add_direction=True, locale=self._language)
        return written

    def typed(self, moment: datetime | None, zone: ZoneInfo | None = None) -> str:
        """As a form's field for a date and time holds it, in a zone (the reader's unless given)."""
        return as_field(moment, zone or self.zone)
