import os
import re
import stat
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from cryptography.fernet import Fernet

from wye.cli.main import listed
from wye.local import cluster
from wye.settings import Settings
from wye.store.database import connect, migrate

DOCKER = Path(__file__).parents[2] / "docker"
BIN = Path(sys.executable).parent
PINNED = re.compile(r"^[a-z/]+:\d+\.\d+\.?\d*[a-z0-9.-]*$")
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("wye:")]


def is_setting(variable: str) -> bool:
    return variable.removeprefix("WYE_").lower().split("__")[0] in Settings.model_fields


def test_dockerfile_passes_hadolint() -> None:
    done = subprocess.run([BIN / "hadolint", DOCKER / "Dockerfile"], capture_output=True, text=True, check=False)

    assert done.stdout == ""
    assert done.returncode == 0


def test_compose_file_fits_its_schema() -> None:
    words = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DOCKER / "compose.yaml"]

    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", OURS)
def test_variables_of_ours_are_settings(name: str) -> None:
    found = [key for key in SERVICES[name]["environment"] if key.startswith("WYE_")]

    assert found
    assert [key for key in found if not is_setting(key)] == []


def test_variables_of_the_image_are_settings() -> None:
    found = re.findall(r"\bWYE_\w+", (DOCKER / "Dockerfile").read_text())

    assert found
    assert [key for key in found if not is_setting(key)] == []


def test_secret_files_are_named_like_settings() -> None:
    assert [name for name in COMPOSE["secrets"] if name.startswith("wye_") and not is_setting(name.upper())] == []
    assert {"wye_database_url", "wye_amqp_url"} <= set(SERVICES["worker"]["secrets"])


def test_images_are_pinned_to_a_version() -> None:
    bases = re.findall(r"^FROM (\S+)", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)

    images = [service["image"] for service in SERVICES.values()] + bases

    assert [image for image in images if not PINNED.match(image)] == []


def test_image_installs_the_lock_with_its_hashes_and_runs_as_nobody_special() -> None:
    text = (DOCKER / "Dockerfile").read_text()

    assert "--require-hashes -r requirements.lock" in text
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1] == SERVICES["worker"]["user"]
    assert text.index("USER 10001") < text.index("HEALTHCHECK") < text.index('CMD ["wye"')


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_a_health_check_and_belongs_to_the_trial(name: str) -> None:
    service = SERVICES[name]

    assert service["profiles"] == ["trial"]
    assert name == "migrate" or service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", SERVICES)
def test_service_publishes_on_loopback_only(name: str) -> None:
    assert [port for port in SERVICES[name].get("ports", []) if not port.startswith("127.0.0.1:")] == []
    assert "network_mode" not in SERVICES[name]


@pytest.mark.parametrize("name", OURS)
def test_service_of_ours_is_not_root_and_gains_nothing(name: str) -> None:
    service = SERVICES[name]

    assert service["user"] == "10001"
    assert f"--uid {service['user']} " in (DOCKER / "Dockerfile").read_text()
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_variable_holds_a_secret(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    plain = [key for key in environment if re.search(r"PASS|SECRET|TOKEN|KEY|CONN|_URL$", key)]

    # What is left points at a file or names an address without an account.
    assert all(str(environment[key]).startswith("/run/secrets") or "@" not in str(environment[key]) for key in plain)
    assert [key for key in plain if not re.search(r"_FILE$|SECRETS_DIR$|BASE_URL$|SERVER_URL$", key)] == []


def test_secrets_are_files_below_a_folder_that_git_ignores() -> None:
    assert all(secret["file"].startswith("secrets/") for secret in COMPOSE["secrets"].values())
    assert "/secrets/" in (DOCKER / ".gitignore").read_text().split()


def test_postgresql_logs_no_values_here_either() -> None:
    wanted = {
        f"{key}={value}" for key, value in cluster.SETTINGS.items() if key.startswith("log_") and "zone" not in key
    }

    assert wanted == {word for word in SERVICES["postgres"]["command"] if word.startswith("log_")}


def test_commands_of_ours_exist() -> None:
    words = [str(SERVICES[name][key]) for name in OURS for key in ("command", "healthcheck") if key in SERVICES[name]]

    assert {noun for line in words for noun in re.findall(r"\bwye['\",]* '?([a-z]+)", line)} <= set(listed())
    assert any("wye broker declare" in line for line in words)
    assert SERVICES["worker"]["healthcheck"]["test"] == ["CMD", "wye", "health", "--services"]


def test_made_secrets_are_those_that_compose_mounts(tmp_path: Path) -> None:
    (tmp_path / "secrets.sh").write_text((DOCKER / "secrets.sh").read_text())

    for _ in range(2):
        subprocess.run(["sh", tmp_path / "secrets.sh"], check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    config = ConfigParser(interpolation=None)
    config.read_string(made["airflow.cfg"])

    assert {f"secrets/{name}" for name in made} == {secret["file"] for secret in COMPOSE["secrets"].values()}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert f"default_pass = {urlsplit(made['wye_amqp_url']).password}\n" in made["rabbitmq.conf"]
    assert Fernet(config["core"]["fernet_key"]).decrypt(Fernet(config["core"]["fernet_key"]).encrypt(b"a")) == b"a"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secrets", "secrets.sh"]


def test_only_migrate_knows_the_owner_of_the_tables_and_nobody_of_ours_the_superuser() -> None:
    knows = {name: {_named(secret) for secret in service.get("secrets", [])} for name, service in SERVICES.items()}

    assert {name for name in knows if "wye_migrator_database_url" in knows[name]} == {"migrate"}
    assert {name for name in knows if "postgres_password" in knows[name]} == {"postgres"}
    assert all({"wye_database_url", "wye_amqp_url"} <= knows[name] for name in OURS)
    assert all("wye_sequencer_database_url" in knows[name] for name in ("worker", "airflow-scheduler"))


def _named(secret: str | dict[str, str]) -> str:
    return secret if isinstance(secret, str) else secret["source"]


def test_made_roles_and_logins_have_the_rights_of_their_roles(tmp_path: Path) -> None:
    (tmp_path / "secrets.sh").write_text((DOCKER / "secrets.sh").read_text())
    subprocess.run(["sh", tmp_path / "secrets.sh"], check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    target = {_named(each): each["target"] for each in [*SERVICES["postgres"]["secrets"], *SERVICES["postgres"]["configs"]] if isinstance(each, dict)}  # fmt: skip
    scripts = {
        "logins.sql": made["logins.sql"],
        "roles": (DOCKER / COMPOSE["configs"]["roles"]["file"]).read_text(),
        "databases": (DOCKER / COMPOSE["configs"]["databases"]["file"]).read_text(),
    }
    own = cluster.Cluster(tmp_path / "home", durable=False)
    try:
        with connect(own.start()) as superuser:
            for name in sorted(scripts, key=lambda name: target[name]):
                for statement in filter(str.strip, scripts[name].split(";\n")):
                    superuser.execute(statement)

        def url(name: str) -> str:
            return f"{made[name].replace('@postgres:5432', '@')}?host={own.socket}"

        assert migrate(url("wye_migrator_database_url")) == []
        for name, allowed, refused in (
            ("wye_database_url", "SELECT FROM canonical.row", "DELETE FROM audit.token"),
            ("wye_sequencer_database_url", "SELECT FROM audit.checkpoint", "SELECT FROM audit.token"),
            ("wye_auditor_database_url", "SELECT FROM audit.token", "SELECT FROM canonical.row"),
        ):
            with connect(url(name)) as conn:
                conn.execute(allowed)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(refused)
    finally:
        own.erase()


def test_settings_read_the_files_of_the_secrets_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wye_database_url").write_text("postgresql://from-file\n")
    (tmp_path / "airflow.cfg").write_text("[core]\n")
    monkeypatch.setenv("WYE_SECRETS_DIR", str(tmp_path))
    monkeypatch.delenv("WYE_DATABASE_URL", raising=False)

    assert Settings().database_url == "postgresql://from-file"
    monkeypatch.setenv("WYE_DATABASE_URL", "postgresql://from-environment")
    assert Settings().database_url == "postgresql://from-environment"


def test_missing_secrets_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WYE_SECRETS_DIR", str(tmp_path / "nowhere"))

    with pytest.raises(Exception, match="WYE_SECRETS_DIR"):
        Settings()


def test_store_check_holds_after_migrate_and_not_before(cluster: "cluster.Cluster", database_url: str) -> None:
    empty = cluster.create_database(f"test_empty_{os.getpid()}")

    def run(word: str, url: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "WYE_DATABASE_URL": url}
        words = [sys.executable, "-m", "wye.store", word]
        return subprocess.run(words, capture_output=True, text=True, check=False, env=environment)

    assert run("check", database_url).returncode == 0
    before = run("check", empty)
    assert before.returncode == 3
    assert before.stderr == "wye: the tables are not the newest; run `python -m wye.store migrate`\n"
    assert run("migrate", empty).returncode == 0
    assert run("check", empty).returncode == 0
    assert run("nonsense", empty).returncode == 2
