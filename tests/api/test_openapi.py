"""Schemathesis over the OpenAPI document: whatever a program sends, no operation answers 500."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, settings

from api.main import create_app
from tests.factories.assistant import installation
from tests.factories.people import create_person, log_in

EXAMPLES = 8


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, dict[str, dict[str, str]]]]:
    folder: Path = tmp_path_factory.mktemp("openapi")
    runtime = installation(folder, run_jobs=True)
    runtime.start()
    app = create_app(runtime)
    with TestClient(app) as client:
        learner = log_in(client, create_person(runtime.database))
        yield app, {"admin": {"Authorization": f"Bearer {runtime.console_token}"}, "learner": learner}
    runtime.stop()


@pytest.fixture
def document(served: tuple[FastAPI, dict[str, dict[str, str]]]) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_asgi("/api/openapi.json", served[0])


# Logging out or closing the account would end the run; streams of running work do not end by themselves.
schema = schemathesis.pytest.from_fixture("document").exclude(
    path_regex="/auth/logout|/admin/users/.*/closed|/events$|/stream$|/assistant/questions$"
)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_no_operation_answers_500(case: schemathesis.Case, served: tuple[FastAPI, dict[str, dict[str, str]]]) -> None:
    for headers in served[1].values():
        answer = case.call(headers=headers)
        assert answer.status_code < 500 or answer.status_code == 503, (case.as_curl_command(), answer.text)
