"""Type commands as one account or another, at a hub whose settings stand in the environment, as they do for its users."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from wye import bootstrap
from wye.cli.main import run
from wye.road.hub import Hub
from wye.settings import Settings

ROOT = Path(__file__).parents[2]
Wye = Callable[..., tuple[int, Any, str]]


@contextmanager
def hub_of_environment(url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub at which `anna` is signed in; a command that is typed opens it again. Nothing listens at its broker's address."""
    settings = {
        "home": str(home), "database_url": url, "amqp_url": "amqp://nobody@127.0.0.1:1/none",
        "agreements": str(ROOT / "sharing_agreements"), "allow_example_signers": "true", "retention_years": "1",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"WYE_{name.upper()}", value)
    with bootstrap.open_hub(Settings(**settings)) as one:  # type: ignore[arg-type]  # pydantic reads text
        one.actor = "anna"
        yield one


def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at: datetime | None = None) -> Wye:
    """Run a command as an account, now or at an instant; gives exit code, parsed result and what was told on stderr."""

    def call(account: str, *words: str) -> tuple[int, Any, str]:
        monkeypatch.setattr("wye.road.account.signed_in", lambda: account)
        monkeypatch.setattr("wye.cli.audit.signed_in", lambda: account)
        if at is not None:
            monkeypatch.setattr("wye.road.account.clock", lambda: at)
        capsys.readouterr()
        code = run([*words, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return call
