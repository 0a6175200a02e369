"""Refusals of the reviewers' routes, counted: guessed ids and other people's tokens show in the metrics."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from lms_core.kit.errors import DomainError
from proctoring.sessions.service.recording import REFUSED


class CountedRoute(APIRoute):
    """A route whose refusals are counted by their code."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, and the count beside it."""
        handle = super().get_route_handler()

        async def counted(request: Request) -> Response:
            try:
                return await handle(request)
            except DomainError as error:
                REFUSED.labels(error.code).inc()
                raise

        return counted
