"""The token provider: keys that cannot leave, one set however many make it, and clear words when it is not there."""

import os
import subprocess
import sys
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from soft_token import MODULE, OFFICER_PIN, PIN

from wye.errors import EnvironmentFault, UsageError, WyeError
from wye.keys.choose import open_keys
from wye.keys.file import FileKeys
from wye.keys.token import ROOT, SIGNING, WRAPPING, TokenKeys
from wye.settings import Settings

OPEN = (
    "import sys; from pathlib import Path; from wye.keys.token import TokenKeys; from wye.errors import WyeError\n"
    "module, label, pin, folder = sys.argv[1:]; print('ready', flush=True); sys.stdin.readline()\n"
    "try:\n"
    "    k = TokenKeys.open(Path(module), label, pin, create_under=Path(folder) if folder else None)\n"
    "    print(k.current, k.mac_key('x').hex(), k.signing_key().public_key().public_bytes_raw().hex())\n"
    "except WyeError as error: print(type(error).__name__, error, repr(error.__cause__), error.__suppress_context__)\n"
)


def in_a_program_of_its_own(label: str, pin: str, folder: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(MODULE), label, pin, folder],
        input="\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.removeprefix("ready\n").strip()


@pytest.fixture
def keys(token_label: str, tmp_path: Path) -> TokenKeys:
    return TokenKeys.open(MODULE, token_label, PIN, create_under=tmp_path / "keys")


def test_no_key_can_leave_the_token(keys: TokenKeys) -> None:
    keys.rotate()
    found = list(keys._session.get_objects({Attribute.PRIVATE: True}))

    secret = [key for key in found if key[Attribute.CLASS] != ObjectClass.PUBLIC_KEY]
    assert sorted(key[Attribute.LABEL] for key in secret) == sorted([ROOT, SIGNING, WRAPPING, WRAPPING])
    for key in secret:
        assert key[Attribute.NEVER_EXTRACTABLE]
        assert key[Attribute.ALWAYS_SENSITIVE]
        with pytest.raises(pkcs11.AttributeSensitive):
            assert key[Attribute.VALUE]
    assert not any(key[Attribute.WRAP] for key in secret if key[Attribute.LABEL] == WRAPPING)


@pytest.mark.parametrize("label", [WRAPPING, ROOT])
def test_key_that_may_leave_the_token_is_refused(keys: TokenKeys, label: str, tmp_path: Path) -> None:
    kind = KeyType.AES if label == WRAPPING else KeyType.GENERIC_SECRET
    for key in keys._session.get_objects({Attribute.LABEL: label}):
        key.destroy()
    keys._session.generate_key(
        kind,
        256,
        id=b"token-0002-0123abcd",
        label=label,
        store=True,
        capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT if kind == KeyType.AES else MechanismFlag.SIGN,
        template={Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: True},
    )

    with pytest.raises(EnvironmentFault, match="may leave it"):
        TokenKeys.open(MODULE, keys.label, PIN, create_under=tmp_path / "keys")


def test_keys_made_by_many_processes_at_once_are_one_set(token_label: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(MODULE), token_label, PIN, str(tmp_path / "keys")]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) for _ in range(5)
    ]
    for each in started:
        assert each.stdout
        assert each.stdout.readline() == "ready\n"

    for each in started:
        assert each.stdin
        each.stdin.write("\n")
    said = {each.communicate(timeout=60)[0] for each in started}

    assert len(said) == 1
    assert next(iter(said)).startswith("token-0001-")


def test_root_that_is_gone_is_never_made_anew(keys: TokenKeys, tmp_path: Path) -> None:
    # Under another root no search token and no pseudonym would be the same: better no hub than that.
    for key in keys._session.get_objects({Attribute.LABEL: ROOT}):
        key.destroy()

    with pytest.raises(EnvironmentFault, match=f"no key `{ROOT}`"):
        TokenKeys.open(MODULE, keys.label, PIN, create_under=tmp_path / "keys")


def test_setting_up_that_was_interrupted_goes_on(token_label: str, tmp_path: Path) -> None:
    first = TokenKeys.open(MODULE, token_label, PIN, create_under=tmp_path / "keys")
    mac = first.mac_key("x")
    for label in (WRAPPING, SIGNING):
        for key in first._session.get_objects({Attribute.LABEL: label}):
            key.destroy()

    again = TokenKeys.open(MODULE, token_label, PIN, create_under=tmp_path / "keys")

    assert again.mac_key("x") == mac
    assert again.unwrap(*again.wrap(bytes(32), b""), b"") == bytes(32)


def test_token_without_keys_is_refused_when_they_are_not_to_be_made(token_label: str) -> None:
    with pytest.raises(EnvironmentFault, match="was not set up"):
        TokenKeys.open(MODULE, token_label, PIN)


@pytest.mark.parametrize("pin", ["0000-wrong", "", OFFICER_PIN])
def test_wrong_pin_is_refused_and_never_repeated(keys: TokenKeys, pin: str) -> None:
    said = in_a_program_of_its_own(keys.label, pin)

    assert said.startswith("EnvironmentFault")
    assert not pin or pin not in said
    assert said.endswith("None True")  # no chain that a log could print
    assert in_a_program_of_its_own(keys.label, PIN).startswith(keys.current)


def test_what_is_not_there_is_named(tmp_path: Path, keys: TokenKeys) -> None:
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"no library")

    for module, label, said in (
        (tmp_path / "none.so", keys.label, "no PKCS#11 module"),
        (broken, keys.label, "cannot be loaded"),
        (MODULE, "no-such-token", "no token `no-such-token`"),
    ):
        with pytest.raises(EnvironmentFault, match=said):
            TokenKeys.open(module, label, PIN)


def test_token_that_stops_working_is_no_broken_evidence(keys: TokenKeys) -> None:
    # A module answers a wrong tag as it answers a fault of its own; calling every fault forgery would cry wolf.
    name, wrapped = keys.wrap(bytes(32), b"")
    keys._held[1][name].destroy()

    with pytest.raises(EnvironmentFault, match="does not do as asked"):
        keys.unwrap(name, wrapped, b"")


def test_keys_are_refused_in_a_forked_process(keys: TokenKeys) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            keys.wrap(bytes(32), b"")
        except WyeError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)

    assert b"after the fork" in os.read(reading, 1000)


def settings(tmp_path: Path, **known: object) -> Settings:
    pin = tmp_path / "pin"
    pin.write_text(PIN + "\n")
    pin.chmod(0o600)
    return Settings(
        home=tmp_path,
        key_provider="pkcs11",
        **{"pkcs11_module": MODULE, "pkcs11_pin_file": pin} | known,  # type: ignore[arg-type]
    )


def test_settings_choose_the_provider(token_label: str, tmp_path: Path) -> None:
    token = open_keys(settings(tmp_path, pkcs11_token=token_label))
    again = open_keys(settings(tmp_path, pkcs11_token=token_label), create=False)
    file = open_keys(Settings(home=tmp_path / "other"))

    assert (token.place, again.current) == (f"PKCS#11 token `{token_label}`", token.current)
    assert isinstance(file, FileKeys)


def test_pin_file_open_to_others_or_empty_is_refused(token_label: str, tmp_path: Path) -> None:
    asked = settings(tmp_path, pkcs11_token=token_label)
    assert asked.pkcs11_pin_file
    asked.pkcs11_pin_file.chmod(0o644)
    with pytest.raises(EnvironmentFault, match="mode 0644"):
        open_keys(asked)

    asked.pkcs11_pin_file.chmod(0o600)
    asked.pkcs11_pin_file.write_text("\n")
    with pytest.raises(EnvironmentFault, match="holds no PIN"):
        open_keys(asked)


def test_settings_that_lack_a_part_are_a_usage_error(tmp_path: Path) -> None:
    for lacking in ("pkcs11_module", "pkcs11_token", "pkcs11_pin_file"):
        with pytest.raises(UsageError, match=lacking.upper()):
            open_keys(settings(tmp_path, **{"pkcs11_token": "wye", lacking: None}))


def test_pin_is_no_setting_and_shows_nowhere(token_label: str, tmp_path: Path) -> None:
    asked = settings(tmp_path, pkcs11_token=token_label)

    shown = repr(asked) + repr(open_keys(asked)) + open_keys(asked).place

    assert PIN not in shown
    assert not any("pin" in name and name != "pkcs11_pin_file" for name in Settings.model_fields)
