"""Both key providers, by one name."""

from collections.abc import Callable
from pathlib import Path

import pytest
from soft_token import MODULE, PIN, SoftTokens

from wye.keys.file import FileKeys
from wye.keys.provider import KeyProvider
from wye.keys.token import TokenKeys

Open = Callable[[], KeyProvider]
"""Open one and the same set of keys, made at the first call."""


@pytest.fixture(scope="session")
def soft_tokens(tmp_path_factory: pytest.TempPathFactory) -> SoftTokens:
    return SoftTokens(tmp_path_factory.mktemp("softhsm"), 48)


@pytest.fixture
def token_label(soft_tokens: SoftTokens) -> str:
    return soft_tokens.fresh()


@pytest.fixture(params=["file", "token"])
def open_provider(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    if request.param == "file":
        return lambda: FileKeys.open(tmp_path / "keys")
    label = request.getfixturevalue("token_label")
    return lambda: TokenKeys.open(MODULE, label, PIN, create_under=tmp_path / "keys")


@pytest.fixture
def provider(open_provider: Open) -> KeyProvider:
    return open_provider()
