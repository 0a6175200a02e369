"""Views as JSON answers.

FastAPI would check again what a service has just made: worth it where a route
puts its answer together, too dear where lists and lessons are read all day.
"""

from pydantic import BaseModel
from starlette.responses import Response


def as_json(view: BaseModel) -> Response:
    """The view, serialised once. The route's `response_model` says what it is."""
    return Response(view.__pydantic_serializer__.to_json(view), media_type="application/json")
