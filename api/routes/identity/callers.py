"""Who calls before they are known: the visitor of an institution, and where they call from."""

from typing import Annotated

from fastapi import Depends, Request

from api.deps import client_of, tenant_of
from lms_core.identity.auth.schemas import Client
from lms_core.kit.context import Actor


def visitor_of(request: Request) -> Actor:
    """Somebody unknown, in the institution the request is for."""
    return Actor(tenant_id=tenant_of(request))


VisitorDep = Annotated[Actor, Depends(visitor_of)]
ClientDep = Annotated[Client, Depends(client_of)]
