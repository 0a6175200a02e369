"""The measure of the API routes: one FastAPI route that returns given JSON, served by two processes."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI


def application() -> FastAPI:
    """A route at / that returns the JSON of the file BARE_ROUTE."""
    app = FastAPI()
    content = json.loads(Path(os.environ["BARE_ROUTE"]).read_bytes())

    @app.get("/")
    def read() -> Any:
        return content

    return app


if __name__ == "__main__":
    uvicorn.run(
        "benchmarks.bare_route:application",
        factory=True,
        port=int(sys.argv[1]),
        workers=2,
        log_level="warning",
        access_log=False,
    )
