"""`wye keys`, as typed at a shell, with the keys in a file and in a token."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from audit_log import ORIGIN, a_log
from soft_token import MODULE, PIN, SoftTokens

from wye.audit.verify import verify
from wye.keys.provider import KeyProvider
from wye.keys.token import TokenKeys
from wye.store.database import connect

pytestmark = pytest.mark.services
WYE = Path(sys.executable).with_name("wye")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(provider: KeyProvider, database_url: str, tmp_path: Path, soft_tokens: SoftTokens) -> Run:
    """Run `wye` on a hub whose keys are the provider's."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("WYE_")}
    clean |= {"WYE_DATABASE_URL": database_url, "WYE_HOME": str(tmp_path)}
    if isinstance(provider, TokenKeys):
        pin = tmp_path / "pin"
        pin.write_text(PIN)
        pin.chmod(0o600)
        clean |= {
            "SOFTHSM2_CONF": str(soft_tokens.configuration),
            "WYE_KEY_PROVIDER": "pkcs11",
            "WYE_PKCS11_MODULE": str(MODULE),
            "WYE_PKCS11_TOKEN": provider.label,
            "WYE_PKCS11_PIN_FILE": str(pin),
        }

    def wye(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run([WYE, *words], capture_output=True, text=True, check=False, env=clean | more, timeout=120)
        assert PIN not in done.stdout + done.stderr
        return done

    return wye


def test_rotate_and_retire_leave_a_log_that_verifies_and_opens(
    run: Run, provider: KeyProvider, database_url: str
) -> None:
    with connect(database_url) as conn:
        log = a_log(conn, provider, 6)
    old = provider.current

    before = json.loads(run("keys", "status", "--json").stdout)
    rotated = run("keys", "rotate", "--json")
    early = run("keys", "retire", "--json")
    between = json.loads(run("keys", "status", "--json").stdout)
    retired = json.loads(run("keys", "retire", "--now", "--json").stdout)
    after = json.loads(run("keys", "status", "--json").stdout)

    told = json.loads(rotated.stdout)
    assert (before["place"], before["current"], before["wraps"]) == (provider.place, old, {old: 7}), (
        "six of the log, and the sign-in"
    )
    assert before["audit_key"].startswith(f"{ORIGIN}+")
    assert (rotated.returncode, told["superseded"], told["rewrapped"], told["left"]) == (0, [old], 7, 0)
    assert "7 of 7 wraps moved" in rotated.stderr
    assert json.loads(early.stdout)["destroyed"] == []
    assert "a backup may need it until" in early.stderr
    assert list(between["retire_from"]) == [old]
    assert (retired["destroyed"], after["current"]) == ([old], told["current"])
    assert list(after["wraps"]) == [told["current"]]
    assert after["retire_from"] == {}
    provider.renew()
    with connect(database_url) as conn:
        assert verify(conn, provider).ok
    shown = json.loads(run("audit", "show", str(log[0].id), "--json").stdout)
    assert shown["event"]["kind"] == "disclosure"


def test_rotate_with_a_broken_wrap_is_a_finding_that_names_its_value(
    run: Run, provider: KeyProvider, database_url: str
) -> None:
    with connect(database_url) as conn:
        log = a_log(conn, provider, 3)
        conn.execute("UPDATE keys.wrap SET wrapped = 'x' WHERE value = %s", (log[1].id,))

    done = run("keys", "rotate", "--json")

    assert done.returncode == 1
    assert [UUID(each) for each in json.loads(done.stdout)["broken"]] == [log[1].id]


def test_wrong_pin_is_the_environments_fault(token_label: str, soft_tokens: SoftTokens, tmp_path: Path) -> None:
    TokenKeys.open(MODULE, token_label, PIN, create_under=tmp_path / "keys")
    pin = tmp_path / "pin"
    pin.write_text("0000-wrong")
    pin.chmod(0o600)
    program = (
        "from wye.keys.choose import open_keys; from wye.settings import Settings; from wye.cli.main import run\n"
        "import sys; sys.exit(run(['keys', 'status']))"
    )
    environment = os.environ | {
        "WYE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "WYE_HOME": str(tmp_path),
        "SOFTHSM2_CONF": str(soft_tokens.configuration),
        "WYE_KEY_PROVIDER": "pkcs11",
        "WYE_PKCS11_MODULE": str(MODULE),
        "WYE_PKCS11_TOKEN": token_label,
        "WYE_PKCS11_PIN_FILE": str(pin),
    }

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment, timeout=60
    )

    assert (done.returncode, done.stdout) == (3, "")
    assert "refuses the PIN" in done.stderr
    assert "0000-wrong" not in done.stderr
