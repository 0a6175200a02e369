"""The switch chooses the router that asking one after the other would have chosen."""

from itertools import chain

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, _IncludedRouter
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from api.main import create_app
from api.routes import ROUTERS
from api.switch import CHOSEN, Switch
from api.web import pages
from tests.serving import app_of
from workers.runtime import Runtime

SEGMENTS = ("a", "b", "{x}", "{y:int}", "c.{end}")
PATTERNS = st.lists(st.sampled_from(SEGMENTS), max_size=4).map(lambda each: "/" + "/".join(each))
PATHS = st.lists(st.sampled_from(("a", "b", "7", "c.html", "")), max_size=5).map(lambda each: "/" + "/".join(each))


def named(pattern: str, number: int) -> Route:
    """A route for a pattern whose parameters have names of their own."""
    parts = [each.replace("{", "{" + f"p{place}") for place, each in enumerate(pattern.split("/"))]
    return Route("/".join(parts), lambda _request: PlainTextResponse(""), name=str(number))


def scope_of(path: str, method: str = "GET", **more: object) -> Scope:
    """What a server says of a request."""
    return {"type": "http", "path": path, "method": method, "headers": [], "query_string": b"", **more}


def first_whole(routes: list[BaseRoute], scope: Scope) -> BaseRoute | None:
    """The route that asking one after the other gives."""
    return next((each for each in routes if each.matches(dict(scope))[0] is Match.FULL), None)


def best(routes: list[BaseRoute], scope: Scope) -> tuple[Match, BaseRoute | None]:
    """The same where no route takes the request whole: the first that takes its path."""
    whole = first_whole(routes, scope)
    if whole is not None:
        return Match.FULL, whole
    partial = next((each for each in routes if each.matches(dict(scope))[0] is Match.PARTIAL), None)
    return (Match.PARTIAL if partial else Match.NONE), partial


@given(patterns=st.lists(st.one_of(PATTERNS, PATTERNS.map(lambda each: each.rstrip("/") + "/{rest:path}"))), path=PATHS)
def test_any_patterns(patterns: list[str], path: str) -> None:
    routes: list[BaseRoute] = [named(pattern, number) for number, pattern in enumerate(patterns)]
    switch = Switch()
    for route, pattern in zip(routes, patterns, strict=True):
        switch.know(route, [pattern])
    for method in ("GET", "POST"):
        wanted = best(routes, scope_of(path, method))
        match, inside = switch.matches(scope_of(path, method))
        assert (match, inside.get(CHOSEN)) == wanted


def test_every_route_of_the_application_is_found(runtime: Runtime) -> None:
    app = app_of(runtime)
    switch = app.state.switch
    asked = 0
    prefixed = [("/api/v1", router) for router in ROUTERS] + [("", router) for router in pages.ROUTERS]
    for prefix, route in chain.from_iterable(((prefix, each) for each in router.routes) for prefix, router in prefixed):
        assert isinstance(route, APIRoute)
        path = prefix + route.path_format.format_map(Anything())
        for method in route.methods:
            scope = scope_of(path, method)
            assert switch.matches(dict(scope))[1].get(CHOSEN) is first_whole(switch.routers, scope), (method, path)
            asked += 1
    assert asked > 500


class Anything(dict[str, str]):
    """A value for every parameter of a path."""

    def __missing__(self, key: str) -> str:
        return "0198f2f0-7a7b-7a7b-8a7b-0198f2f07a7b"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing/here", 404), ("DELETE", "/login", 405), ("GET", "/api/v1/nothing", 404), ("GET", "/login", 200)],
)
def test_what_no_router_takes_is_answered_as_before(client: TestClient, method: str, path: str, status: int) -> None:
    assert client.request(method, path).status_code == status


def test_below_another_root() -> None:
    switch = Switch()
    route = Route("/here", lambda _request: PlainTextResponse(""))
    switch.know(route, ["/here"])
    assert switch.matches(scope_of("/sub/here", root_path="/sub"))[1][CHOSEN] is route


def test_a_router_inside_a_router_is_asked() -> None:
    app = FastAPI()
    switch = Switch()

    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.path_params["x"])

    switch.know(Route("/deep/{x}", answer), ["/deep/{any:path}"])
    app.router.routes.append(switch)
    with TestClient(app) as inside:
        assert inside.get("/deep/well").text == "well"


def test_a_first_request_builds_the_routes_of_its_router_alone(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastAPI builds a router's routes when it is first asked: seconds, were all of them asked."""
    built: list[str] = []
    build = _IncludedRouter._build_effective_context

    def counted(router: _IncludedRouter, route: BaseRoute) -> object:
        built.append(getattr(route, "path", ""))
        return build(router, route)

    monkeypatch.setattr(_IncludedRouter, "_build_effective_context", counted)
    with TestClient(create_app(runtime)) as visitor:
        for path in ("/pricing", "/nothing/like/this"):
            visitor.get(path)
    assert 0 < len(built) < 20
