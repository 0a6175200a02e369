"""Every route explains itself and declares what it answers."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from api import health
from api.routes import ROUTERS
from api.web import pages

NO_BODY = frozenset({202, 204})


def _routes(routers: tuple[APIRouter, ...]) -> list[APIRoute]:
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


def _declares_content(route: APIRoute) -> bool:
    """Whether a route that answers bytes or events says so in its `responses`."""
    return "content" in route.responses.get(200, {}) or "description" in route.responses.get(503, {})


def test_every_route_has_a_docstring() -> None:
    routes = _routes((*ROUTERS, health.router, *pages.ROUTERS))
    assert len(routes) > 50
    assert not [
        f"{sorted(route.methods)} {route.path}" for route in routes if not (route.endpoint.__doc__ or "").strip()
    ]


def test_every_json_route_declares_its_answer() -> None:
    vague = [
        f"{sorted(route.methods)} {route.path}"
        for route in _routes((*ROUTERS, health.router))
        if route.include_in_schema
        and route.response_model is None
        and route.status_code not in NO_BODY
        and not _declares_content(route)
    ]
    assert not vague, "give it a response model, or the content type it streams"


def test_pages_stay_out_of_the_outside_contract() -> None:
    assert not [route.path for route in _routes(pages.ROUTERS) if route.include_in_schema]


def test_json_routes_name_their_errors() -> None:
    """A route with a parameter can always fail; its `responses` say how."""
    silent = [
        f"{sorted(route.methods)} {route.path}"
        for route in _routes(ROUTERS)
        if "{" in route.path
        and not any(400 <= int(status) < 500 for status in route.responses if str(status).isdigit())
    ]
    assert not silent
