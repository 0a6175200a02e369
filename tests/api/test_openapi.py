"""Schemathesis over the OpenAPI document: whatever a program sends, no operation answers 500."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings

from api.main import create_app
from tests.factories.assistant import installation
from tests.factories.people import create_person, log_in

EXAMPLES = 6


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


# Logging out or closing the account would end the run; streams of running work do not end by themselves.
LEFT_OUT = "/auth/logout|/admin/users/.*/closed|/imports/.*/events$|/stream$|/assistant/questions$|/live$|/advice$"


def test_no_operation_answers_500(served: tuple[FastAPI, dict[str, dict[str, str]]]) -> None:
    app, callers = served
    document = schemathesis.openapi.from_asgi("/api/openapi.json", app).exclude(path_regex=LEFT_OUT)
    failures: list[str] = []
    operations = [result.ok() for result in document.get_all_operations()]
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        def try_it(case: schemathesis.Case) -> None:
            for headers in callers.values():
                answer = case.call(headers=headers)
                if answer.status_code >= 500 and answer.status_code != 503:
                    failures.append(f"{case.as_curl_command()}\n  {answer.status_code} {answer.text[:300]}")

        try_it()
    assert len(operations) > 40
    assert not failures, "\n".join(failures[:10])
