"""Bad input on every route: a clear problem document, never a failure of ours."""

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.ids import new_id
from tests.factories.assistant import installation
from tests.serving import app_of
from workers.runtime import Runtime


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    built = installation(tmp_path_factory.mktemp("bad"))
    yield built
    built.stop()


@pytest.fixture(scope="module")
def admin(house: Runtime) -> Iterator[TestClient]:
    with TestClient(app_of(house), raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {house.console_token}"
        yield client


def writing_routes(client: TestClient) -> list[tuple[str, str, list[str]]]:
    """Method, path and JSON fields of every route that takes a JSON body."""
    document = client.get("/api/openapi.json").json()
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            name = schema.get("$ref", "").rsplit("/", 1)[-1]
            if name:
                fields = list(document["components"]["schemas"][name].get("properties", {}))
                found.append((method, path.replace("{number}", "1"), fields))
    return found


def filled(path: str) -> str:
    """The path with an id wherever it names something."""
    return "/".join(str(new_id()) if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.parametrize("poison", ['"\\ud800"', '"a\\u0000b"', '{"\\udfff": ["\\u0000"]}'])
def test_unstorable_text_is_malformed_on_every_route(admin: TestClient, poison: str) -> None:
    routes = writing_routes(admin)
    assert len(routes) > 20
    for method, path, fields in routes:
        body = "{" + ",".join(f"{json.dumps(name)}:{poison}" for name in fields or ["x"]) + "}"
        answer = admin.request(method, filled(path), content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, (method, path, answer.text)
        assert answer.json()["code"] == "malformed"
        assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"question": 1e400}', b"question=x"]
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_bodies_that_are_no_json_are_refused(admin: TestClient, body: bytes, kind: str) -> None:
    path = "/api/v1/courses/none/assistant/questions"
    answer = admin.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["request_id"]


def test_a_body_over_the_limit_is_413(admin: TestClient) -> None:
    body = json.dumps({"question": "x" * 3_000_000})
    answer = admin.post(
        "/api/v1/courses/none/assistant/questions", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "name", ["%00", "a%00b", "..%2f..%2fetc", "x" * 5000, "'%20OR%201=1", "%F0%9F%90%9D", "{{7*7}}"]
)
def test_odd_names_and_ids_lead_nowhere(admin: TestClient, name: str) -> None:
    paths = ("courses/{}", "courses/{}/faq", "courses/{}/assistant/insights", "answers/{}", "conversations/{}")
    for path in paths:
        answer = admin.get(f"/api/v1/{path.format(name)}")
        assert answer.status_code in (404, 422), (path, answer.text)
        assert answer.json()["code"]


def test_a_nul_in_a_query_is_malformed(admin: TestClient) -> None:
    for path in ("courses?q=%00", "users?q=a%00", "conversations?cursor=%00"):
        assert admin.get(f"/api/v1/{path}").status_code == 422


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "é" * 10, "x" * 7000])
def test_a_forged_token_is_refused(admin: TestClient, token: str) -> None:
    headers = {"Authorization": b"Bearer " + token.encode()}
    answer = admin.get("/api/v1/auth/profile", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
