"""Refusals about exports."""

from lms_core.kit.errors import NotFound, TooManyRequests


class ExportTooSoon(TooManyRequests):
    """One archive a day."""

    code = "export_too_soon"
    title = "An archive of your data was made today"


class ExportGone(NotFound):
    """There is no such archive, or its seven days are over."""

    code = "export_gone"
    title = "This archive is not there"
