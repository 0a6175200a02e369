"""The Dockerfile and the compose file, checked by reading: versions, order of start, health, settings, rights."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lms_core.kit.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {f"MWALIMU_{name.upper()}" for name in Settings.model_fields}
LONG_SECRET = "k3Pq9-Zr7Ww1_Xc5Vb8Nm2Lj4Hg6Fd0S"
PINNED = re.compile(r"[\w./-]+:v?\d+(\.\d+)*[\w.-]*")
ROLES = ("api", "worker", "scheduler")
SERVERS = ("postgres", "redis", "qdrant")
WITHOUT_CHECK = {"migrate": "it ends", "scheduler": "one loop in the foreground"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of the compose file, anchors and merges resolved."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text("utf-8"))["services"]
    return found


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions: (name, arguments), continuation lines joined."""
    text = (ROOT / "docker" / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(name.upper(), rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]


def _arguments(instructions: list[tuple[str, str]], name: str) -> list[str]:
    return [rest for each, rest in instructions if each == name]


def test_compose_has_the_whole_installation(services: dict[str, Any]) -> None:
    assert set(services) == {*SERVERS, "migrate", *ROLES}


def test_every_image_is_pinned(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert PINNED.fullmatch(service["image"]), f"{name}: {service['image']}"
        assert not service["image"].endswith(":latest")


def test_every_service_is_watched(services: dict[str, Any]) -> None:
    for name, service in services.items():
        check = service.get("healthcheck", {})
        if name in WITHOUT_CHECK:
            assert check == {"disable": True}, name
        else:
            assert check["test"][0] in ("CMD", "CMD-SHELL"), name
            assert {"interval", "timeout", "retries"} <= check.keys(), name


def test_roles_wait_for_their_servers_and_the_migration(services: dict[str, Any]) -> None:
    for role in ROLES:
        waits = {name: how["condition"] for name, how in services[role]["depends_on"].items()}
        assert waits == {
            **dict.fromkeys(SERVERS, "service_healthy"),
            "migrate": "service_completed_successfully",
        }
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_roles_run_commands_that_exist(services: dict[str, Any]) -> None:
    from api.cli.app import app, db_app  # Typer's own lists of commands

    commands = {each.name or each.callback.__name__ for each in app.registered_commands if each.callback}
    assert {services[role]["command"][0] for role in ROLES} == {"serve", "worker", "scheduler"} <= commands
    assert services["migrate"]["command"] == ["db", "upgrade"]
    assert "upgrade" in {each.name for each in db_app.registered_commands}


def test_roles_are_given_settings_that_exist_and_suffice(services: dict[str, Any]) -> None:
    for role in (*ROLES, "migrate"):
        given = {key: value for key, value in services[role]["environment"].items() if key.startswith("MWALIMU_")}
        assert set(given) <= SETTINGS
        filled = {
            key.removeprefix("MWALIMU_").lower(): re.sub(r"\$\{(\w+):[^}]*\}", LONG_SECRET, value)
            for key, value in given.items()
        }
        assert Settings(_env_file=None, **filled).mode == "scaled"  # raises when scaled mode would refuse to start


def test_secrets_come_from_the_environment() -> None:
    text = (ROOT / "docker" / "compose.yaml").read_text("utf-8")
    secrets = re.findall(r"^\s+\w*(?:PASSWORD|KEY): *(\S.*)$", text, re.MULTILINE)
    assert len(secrets) == 4
    assert all(re.fullmatch(r"\$\{\w+:\?put \w+ into \.env\}", secret) for secret in secrets)


def test_only_the_api_is_reachable_and_only_from_this_machine(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["api"]
    assert all(port.startswith("127.0.0.1:") for port in services["api"]["ports"])


def test_data_outlives_containers(services: dict[str, Any]) -> None:
    named = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text("utf-8"))["volumes"]
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert used == set(named)
    assert all(services[name].get("volumes") for name in (*SERVERS, *ROLES))


def test_the_image_has_stages_and_a_pinned_base(instructions: list[tuple[str, str]]) -> None:
    stages = _arguments(instructions, "FROM")
    assert len(stages) == 2
    assert all(stage.startswith("${PYTHON_IMAGE} AS ") for stage in stages)
    base = next(rest for rest in _arguments(instructions, "ARG") if rest.startswith("PYTHON_IMAGE="))
    assert PINNED.fullmatch(base.partition("=")[2])
    assert not any("uv" in rest.split() for rest in _arguments(instructions, "COPY") if "--from" in rest)


def test_the_image_does_not_run_as_root(instructions: list[tuple[str, str]]) -> None:
    names = [name for name, _ in instructions]
    assert _arguments(instructions, "USER") == ["mwalimu"]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert not _arguments(instructions, "ADD")
    assert not any("sudo" in rest or "chmod 777" in rest for rest in _arguments(instructions, "RUN"))


def test_the_image_installs_what_is_locked(instructions: list[tuple[str, str]]) -> None:
    runs = " ".join(_arguments(instructions, "RUN"))
    assert runs.count("--require-hashes") == 2  # uv itself, and everything but torch
    assert '--index-url "${TORCH_INDEX}"' in runs and "torch\\(vision\\)" in runs  # both from one place
    assert any(rest.startswith("TORCH_INDEX=") for rest in _arguments(instructions, "ARG"))


def test_the_image_carries_every_package(instructions: list[tuple[str, str]]) -> None:
    copied = {rest.split()[0] for rest in _arguments(instructions, "COPY") if "--from" not in rest}
    packages = {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").exists()}
    assert packages - {"tests", "benchmarks"} <= copied
    ignored = (ROOT / "docker" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    wanted = {word for rest in _arguments(instructions, "COPY") if "--from" not in rest for word in rest.split()[:-1]}
    assert {re.sub(r"^requirements/.*", "requirements/*.txt", name) for name in wanted} == allowed


def test_the_image_is_told_settings_that_exist(instructions: list[tuple[str, str]]) -> None:
    named = set(re.findall(r"MWALIMU_\w+", " ".join(_arguments(instructions, "ENV"))))
    assert named
    assert named <= SETTINGS


def test_the_image_is_watched_and_starts_a_role(instructions: list[tuple[str, str]]) -> None:
    assert "/healthz" in _arguments(instructions, "HEALTHCHECK")[0]
    assert _arguments(instructions, "ENTRYPOINT") == ['["mwalimu"]']
    assert _arguments(instructions, "CMD") == ['["serve"]']
