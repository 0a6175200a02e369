"""Applications for tests. To build every route anew takes longer than most tests do, so an application that a stopped
installation leaves behind serves the next one."""

from collections import defaultdict

from fastapi import FastAPI

from api.main import create_app
from workers.runtime import Runtime

_free: dict[tuple[int, int, bool], list[FastAPI]] = defaultdict(list)
_lent: dict[int, FastAPI] = {}


def app_of(runtime: Runtime) -> FastAPI:
    """The application over `runtime`, the same at every call until the runtime stops."""
    if id(runtime) not in _lent:
        settings = runtime.settings
        # What `create_app` takes from the settings.
        kind = (settings.upload_limit_mb, settings.media_limit_mb, settings.public_url.startswith("https://"))
        app = _free[kind].pop() if _free[kind] else create_app(runtime)
        app.state.runtime, app.state.tenants = runtime, {}
        _lent[id(runtime)] = app
        runtime.closers.append(lambda: _take_back(kind, runtime))
    return _lent[id(runtime)]


def _take_back(kind: tuple[int, int, bool], runtime: Runtime) -> None:
    app = _lent.pop(id(runtime), None)
    if app is not None:  # some tests stop an installation twice
        _free[kind].append(app)
