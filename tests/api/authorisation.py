"""Who each route is for: the declared table, what the application serves, and how to bring the first up to date.

    python -m tests.api.authorisation

takes routes that are gone out of `authorisation_table.txt` and adds new ones, each with the strictest level that its
path allows. Read what it added: a level that is too strict or too lax fails `test_authorisation_table.py`, except
that only a person knows what is meant to be `public`.
"""

from pathlib import Path

from fastapi.routing import APIRoute

from api import health
from api.routes import ROUTERS
from api.web import pages

TABLE = Path(__file__).parent / "authorisation_table.txt"
LEVELS = {"public", "own", "theirs", "staff", "admin"}


def declared() -> dict[str, str]:
    """Level by `METHOD path`."""
    lines = [line.split() for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {f"{method} {path}": level for method, path, level in lines}


def served() -> set[str]:
    """`METHOD path` of every route of the application."""
    mounted = [(ROUTERS, "/api/v1"), ((health.router,), ""), (pages.ROUTERS, "")]
    return {
        f"{method} {prefix}{route.path}"
        for routers, prefix in mounted
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }


def strictest(route: str) -> str:
    """What a route is taken for until somebody says otherwise."""
    path = route.split()[1]
    if path.startswith(("/api/v1/admin", "/admin")):
        return "admin"
    return "theirs" if "{" in path else "staff" if path.startswith("/teach") else "own"


def update() -> list[str]:
    """Write the table anew; the lines that are new."""
    known, routes = declared(), served()
    head = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("#")]
    order = sorted(routes, key=lambda route: route.split()[::-1])
    lines = {route: f"{route} {known.get(route) or strictest(route)}" for route in order}
    TABLE.write_text("\n".join([*head, *lines.values()]) + "\n", "utf-8")
    return [line for route, line in lines.items() if route not in known]


if __name__ == "__main__":
    print("\n".join(update()) or "nothing new")
