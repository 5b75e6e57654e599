"""The file provider: closed to others, made once, and every key bound to its purpose."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wye.errors import EnvironmentFault
from wye.keys.file import FILE, FileKeys


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys.open(tmp_path / "keys")


def test_keys_when_made_are_closed_to_others(keys: FileKeys) -> None:
    assert keys.folder.stat().st_mode & 0o7777 == 0o700
    assert [path.name for path in keys.folder.iterdir()] == [FILE]
    assert (keys.folder / FILE).stat().st_mode & 0o7777 == 0o600


def test_keys_made_by_many_processes_at_once_are_one_set(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from wye.keys.file import FileKeys; print('ready', flush=True);"
        "sys.stdin.readline(); k = FileKeys.open(Path(sys.argv[1])); print(k.current, k.mac_key('x').hex())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "keys")]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) for _ in range(6)
    ]
    for each in started:
        assert each.stdout
        assert each.stdout.readline() == "ready\n"

    for each in started:
        assert each.stdin
        each.stdin.write("\n")
    said = {each.communicate(timeout=60)[0] for each in started}

    assert [each.returncode for each in started] == [0] * 6
    assert len(said) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [FILE]


def test_keys_made_by_another_meanwhile_are_the_ones_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others: list[FileKeys] = []
    sync = os.fsync

    def sync_while_another_makes_keys(handle: int) -> None:
        monkeypatch.setattr(os, "fsync", sync)
        others.append(FileKeys.open(tmp_path / "keys"))
        sync(handle)

    monkeypatch.setattr(os, "fsync", sync_while_another_makes_keys)
    keys = FileKeys.open(tmp_path / "keys")

    assert keys.current == others[0].current == FileKeys.open(tmp_path / "keys").current
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [FILE]


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o720])
def test_folder_open_to_others_is_refused(keys: FileKeys, mode: int) -> None:
    keys.folder.chmod(mode)

    with pytest.raises(EnvironmentFault, match=f"mode {mode:04o}"):
        FileKeys.open(keys.folder)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o700])
def test_file_open_to_others_is_refused(keys: FileKeys, mode: int) -> None:
    (keys.folder / FILE).chmod(mode)

    with pytest.raises(EnvironmentFault, match=f"mode {mode:04o}"):
        FileKeys.open(keys.folder)


def test_file_that_is_a_link_is_refused(keys: FileKeys, tmp_path: Path) -> None:
    (keys.folder / FILE).rename(tmp_path / "elsewhere")
    (keys.folder / FILE).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(EnvironmentFault, match="cannot be read"):
        FileKeys.open(keys.folder)


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")

    with pytest.raises(EnvironmentFault, match="not a folder"):
        FileKeys.open(tmp_path / "keys")


def test_missing_keys_are_not_made_when_not_asked_to(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="no keys in"):
        FileKeys.open(tmp_path / "keys", create=False)

    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version": 1, "current": "a", "wrapping": {}}', "\x00"])
def test_broken_keyring_is_refused_and_never_replaced(keys: FileKeys, content: str) -> None:
    (keys.folder / FILE).write_text(content)

    with pytest.raises(EnvironmentFault, match="backup"):
        FileKeys.open(keys.folder)
    assert (keys.folder / FILE).read_text() == content


def test_keys_never_show_in_what_is_printed(keys: FileKeys) -> None:
    keys.mac_key("audit-token/person")

    assert repr(keys) == f"FileKeys(folder={keys.folder!r}, current={keys.current!r})"


def test_keys_on_a_full_disk_are_a_clear_error_and_leave_nothing(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys; from pathlib import Path; from wye.keys.file import FileKeys;"
        "from wye.errors import EnvironmentFault; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try: FileKeys.open(Path(sys.argv[1]))\n"
        "except EnvironmentFault as error: print(error)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "keys")], capture_output=True, text=True, check=True, timeout=60
    )

    assert "keys cannot be written" in ran.stdout
    assert list((tmp_path / "keys").iterdir()) == []


def test_account_that_does_not_own_the_keys_is_refused(keys: FileKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    with pytest.raises(EnvironmentFault, match="another account"):
        FileKeys.open(keys.folder)
