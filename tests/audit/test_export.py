"""An exported log: verified by a program with the public key alone; each change to a file is caught and named."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from audit_log import AT, ORIGIN, OTHER, PERSON, a_log
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wye.audit.append import Appended
from wye.audit.checkpoint import sign, verifier_key
from wye.audit.export import export
from wye.audit.merkle import leaf_hash, root
from wye.audit.rows import newest_checkpoint
from wye.audit.verifier import verify_directory
from wye.audit.verifier.tiles import numbered
from wye.errors import EvidenceBroken, UsageError
from wye.keys.file import FileKeys
from wye.local.cluster import Cluster
from wye.store.database import Connection, connect

pytestmark = pytest.mark.services
SIZE = 600
"""Two full bundles and a partial one of 88, under checkpoints of 256, 300 and 600."""

Alter = Callable[[Path], None]


class Exported:
    """One exported log, its entries and its key."""

    def __init__(self, folder: Path, log: list[Appended], keys: FileKeys) -> None:
        self.folder = folder
        self.log = log
        self.keys = keys
        self.vkey = verifier_key(ORIGIN, keys.signing_key().public_key())


@pytest.fixture(scope="module")
def exported(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    name, home = f"test_{uuid4().hex}", tmp_path_factory.mktemp("home")
    keys = FileKeys.open(home / "keys")
    with connect(cluster.create_database(name, template)) as conn:
        log = a_log(conn, keys, 256, 44, 300)
        conn.execute("DELETE FROM keys.wrap WHERE value = %s", (log[599].id,))
        conn.execute("DELETE FROM audit.token WHERE entry = %s", (log[599].id,))
        made = export(conn, home / "log")
    assert (made.size, made.files) == (SIZE, sum(1 for path in (home / "log").rglob("*") if path.is_file()))
    yield Exported(home / "log", log, keys)
    cluster.drop_database(name)


@pytest.fixture
def copied(exported: Exported, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported.folder, tmp_path / "log"))


def flip(path: str, at: int) -> Alter:
    def alter(folder: Path) -> None:
        content = bytearray((folder / path).read_bytes())
        content[at] ^= 1
        (folder / path).write_bytes(bytes(content))

    return alter


def cut(path: str, length: int) -> Alter:
    return lambda folder: os.truncate(folder / path, (folder / path).stat().st_size - length)


def remove(path: str) -> Alter:
    return lambda folder: (folder / path).unlink()


def swap_entries(folder: Path) -> None:
    """Swap the first two headers of the log: they are of one length."""
    path = folder / "tile/entries/000"
    content = path.read_bytes()
    length = 2 + int.from_bytes(content[:2], "big")
    assert content[length : length + 2] == content[:2]
    path.write_bytes(content[length : 2 * length] + content[:length] + content[2 * length :])


def swap_files(one: str, other: str) -> Alter:
    def alter(folder: Path) -> None:
        (folder / one).rename(folder / "aside")
        (folder / other).rename(folder / one)
        (folder / "aside").rename(folder / other)

    return alter


def drop_entry(folder: Path) -> None:
    path = folder / "tile/entries/000"
    content = path.read_bytes()
    path.write_bytes(content[2 + int.from_bytes(content[:2], "big") :])


def forge_checkpoint(size: int, key: Ed25519PrivateKey | None = None) -> Alter:
    def alter(folder: Path) -> None:
        (folder / "checkpoint").write_text(sign(ORIGIN, size, bytes(32), AT, key or Ed25519PrivateKey.generate()).note)

    return alter


def drop_token(folder: Path) -> None:
    path = folder / "tokens/001"
    lines = path.read_text().splitlines()
    held = json.loads(lines[44])
    held["tokens"].pop()
    lines[44] = json.dumps(held)
    path.write_text("\n".join(lines) + "\n")


def hide_token_in_the_salt(folder: Path) -> None:
    """Drop the first token of entry 300 and put its bytes where salt and time are: what is hashed would be the same."""
    path = folder / "tokens/001"
    lines = path.read_text().splitlines()
    held = json.loads(lines[44])
    field, token = held["tokens"].pop(0)
    hidden = bytes((len(field),)) + field.encode() + bytes((len(token) // 2,)) + bytes.fromhex(token)
    held["salt"] += (held["staged_at"].to_bytes(8) + hidden[:-8]).hex()
    held["staged_at"] = int.from_bytes(hidden[-8:], signed=True)
    lines[44] = json.dumps(held)
    path.write_text("\n".join(lines) + "\n")


def stage_at_no_time(folder: Path) -> None:
    path = folder / "tokens/001"
    path.write_text(path.read_text().replace('"staged_at":', '"staged_at":99999', 1))


def name_a_field_too_long(folder: Path) -> None:
    path = folder / "tokens/001"
    path.write_text(path.read_text().replace('"actor"', f'"{"x" * 300}"', 1))


def older_checkpoint_as_newest(folder: Path) -> None:
    older = json.loads((folder / "checkpoints.jsonl").read_text().splitlines()[1])
    (folder / "checkpoint").write_text(older["note"])


def swap_earlier_checkpoints(folder: Path) -> None:
    path = folder / "checkpoints.jsonl"
    path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))


def file_checkpoint_under_another_size(folder: Path) -> None:
    path = folder / "checkpoints.jsonl"
    path.write_text(path.read_text().replace('"size":300', '"size":299'))


ENTRIES, LAST = "tile/entries/001", "tile/entries/002.p/88"
CHANGES: dict[str, tuple[Alter, str, str]] = {
    "header": (flip(ENTRIES, 100), "header", "entry 256"),
    "header that no longer reads": (flip(ENTRIES, 2), "header", "entry 256"),
    "header of the last bundle": (flip(LAST, 100), "header", "entry 512"),
    "ciphertext": (flip("sealed/001", 60), "ciphertext", "{256}"),
    "ciphertext of the last bundle": (flip("sealed/002.p/88", 60), "ciphertext", "{512}"),
    "leaf in a full tile": (flip("tile/0/001", 32 * 44), "node", "{300}"),
    "leaf in a partial tile": (flip("tile/0/002.p/88", 32), "node", "{513}"),
    "node": (flip("tile/1/000.p/2", 32), "node", "entries 256 to 511"),
    "checkpoint text": (flip("checkpoint", 3), "checkpoint", "checkpoint"),
    "checkpoint size": (flip("checkpoint", len(ORIGIN) + 1), "checkpoint", "checkpoint"),
    "checkpoint signature": (flip("checkpoint", -10), "checkpoint", "checkpoint"),
    "checkpoint signed by another": (forge_checkpoint(SIZE), "checkpoint", "checkpoint"),
    "checkpoint not UTF-8": (lambda folder: (folder / "checkpoint").write_bytes(b"\xff"), "checkpoint", "checkpoint"),
    "checkpoint missing": (remove("checkpoint"), "checkpoint", "checkpoint"),
    "earlier checkpoint": (flip("checkpoints.jsonl", 60), "checkpoint", "checkpoint 256"),
    "earlier checkpoints cut": (cut("checkpoints.jsonl", 9), "checkpoint", "checkpoints.jsonl:2"),
    "earlier checkpoints swapped": (swap_earlier_checkpoints, "checkpoint", "checkpoint 256"),
    "earlier checkpoint under another size": (file_checkpoint_under_another_size, "checkpoint", "checkpoint 299"),
    "two headers swapped": (swap_entries, "header", "entry 0"),
    "two bundles swapped": (swap_files("tile/entries/000", "tile/entries/001"), "header", "entry 0"),
    "two sealed bundles swapped": (swap_files("sealed/000", "sealed/001"), "ciphertext", "{0}"),
    "two token bundles swapped": (swap_files("tokens/000", "tokens/001"), "tokens", "{0}"),
    "entry dropped": (drop_entry, "index", "entry 255"),
    "bundle cut": (cut(LAST, 5), "entry", "entry 599"),
    "bundle missing": (remove(LAST), "entry", "entries 512 to 599"),
    "sealed bundle cut": (cut("sealed/001", 5), "ciphertext", "entry 511"),
    "sealed bundle missing": (remove("sealed/001"), "ciphertext", "entries 256 to 511"),
    "tile cut": (cut("tile/0/001", 32), "node", "tile 0/1"),
    "tile missing": (remove("tile/1/000.p/2"), "node", "tile 1/0"),
    "token dropped": (drop_token, "tokens", "{300}"),
    "first token hidden in the salt": (hide_token_in_the_salt, "tokens", "{300}"),
    "time of staging at no time": (stage_at_no_time, "tokens", "entry 256"),
    "field of a token too long": (name_a_field_too_long, "tokens", "{256}"),
    "token line malformed": (flip("tokens/001", 0), "tokens", "entry 256"),
    "tokens missing": (remove("tokens/000"), "tokens", "entries 0 to 255"),
    "tokens cut": (cut("tokens/002.p/88", 200), "tokens", "entries 512 to 599"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_file_is_caught_by_its_check_and_named(exported: Exported, copied: Path, change: str) -> None:
    alter, check, name = CHANGES[change]
    for number in (0, 1, 256, 300, 512, 513):
        name = name.replace(f"{{{number}}}", str(exported.log[number].id))

    alter(copied)
    report = verify_directory(copied, exported.vkey)

    assert (report.ok, report.check, report.first_wrong) == (False, check, name)
    assert report.explanation


def test_whole_export_verifies_and_says_what_it_compared(exported: Exported) -> None:
    report = verify_directory(exported.folder, exported.vkey)

    assert report.ok, report
    assert (report.origin, report.size, report.entries, report.checkpoints) == (ORIGIN, SIZE, SIZE, 3)
    assert (report.sealed, report.tokens) == (SIZE, SIZE - 1)


def test_export_rewritten_throughout_fails_at_the_signed_root(exported: Exported, copied: Path) -> None:
    leaves = [each.leaf for each in exported.log]
    content = bytearray((copied / LAST).read_bytes())
    length = int.from_bytes(content[:2], "big")
    place = content.index(b'"key":"') + 7
    content[place] = ord("1") if content[place] != ord("1") else ord("2")
    (copied / LAST).write_bytes(bytes(content))
    leaves[512] = leaf_hash(bytes(content[2 : 2 + length]))
    (copied / "tile/0/002.p/88").write_bytes(b"".join(leaves[512:]))

    report = verify_directory(copied, exported.vkey)

    assert (report.check, report.first_wrong) == ("root", "entries 300 to 599")


def test_older_checkpoint_among_newer_files_is_refused(exported: Exported, copied: Path) -> None:
    older_checkpoint_as_newest(copied)

    assert not verify_directory(copied, exported.vkey).ok


def test_log_cut_back_whole_verifies_and_only_its_size_tells(conn: Connection, keys: FileKeys, tmp_path: Path) -> None:
    # What no verifier can show from the files alone: hence checkpoints held elsewhere.
    vkey = verifier_key(ORIGIN, keys.signing_key().public_key())
    for number, more in enumerate((300, 10)):
        a_log(conn, keys, more)
        export(conn, tmp_path / str(number))

    assert [verify_directory(tmp_path / each, vkey).size for each in ("0", "1")] == [300, 310]
    assert verify_directory(tmp_path / "0", vkey).ok


def test_wrong_key_is_refused(exported: Exported) -> None:
    other = verifier_key(ORIGIN, Ed25519PrivateKey.generate().public_key())

    assert verify_directory(exported.folder, other).check == "checkpoint"
    assert verify_directory(exported.folder, "nonsense").check == "checkpoint"


def test_verifier_program_needs_nothing_of_wye(exported: Exported, tmp_path: Path) -> None:
    lifted = shutil.copytree(Path(verify_directory.__code__.co_filename).parent, tmp_path / "lifted")
    command = [sys.executable, "-m", "lifted", str(exported.folder)]
    where = {"cwd": tmp_path, "capture_output": True, "text": True, "env": {"PATH": os.environ["PATH"]}}

    good = subprocess.run([*command, exported.vkey], check=False, **where)
    bad = subprocess.run([*command, exported.vkey.replace("arrow", "marrow")], check=False, **where)
    misused = subprocess.run(command, check=False, **where)

    assert lifted.is_dir()
    assert (good.returncode, json.loads(good.stdout)["ok"]) == (0, True), good.stderr
    assert (bad.returncode, json.loads(bad.stdout)["check"]) == (1, "checkpoint")
    assert misused.returncode == 2


def test_tiles_are_laid_out_as_the_standard_has_them(exported: Exported) -> None:
    folder = exported.folder
    leaves = [each.leaf for each in exported.log]

    tiles = sorted(str(path.relative_to(folder)) for path in (folder / "tile").rglob("*") if path.is_file())
    assert tiles == [
        "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
    ]  # fmt: skip
    assert (folder / "tile/0/001").read_bytes() == b"".join(leaves[256:512])
    assert (folder / "tile/1/000.p/2").read_bytes() == root(leaves[:256]) + root(leaves[256:512])
    assert base64.b64encode(root(leaves)).decode() == (folder / "checkpoint").read_text().split("\n")[2]


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [(0, 256, "000"), (5, 88, "005.p/88"), (1000, 256, "x001/000"), (1234067, 256, "x001/x234/067"), (1234067, 1, "x001/x234/067.p/1")],
)  # fmt: skip
def test_tile_number_is_written_as_the_standard_has_it(number: int, width: int, path: str) -> None:
    assert numbered(Path(), number, width) == Path(path)


def test_tree_of_exactly_one_tile_has_a_partial_tile_above_it(conn: Connection, keys: FileKeys, tmp_path: Path) -> None:
    a_log(conn, keys, 256)
    export(conn, tmp_path / "log")

    assert (tmp_path / "log/tile/0/000").stat().st_size == 8192
    assert (tmp_path / "log/tile/1/000.p/1").stat().st_size == 32
    assert verify_directory(tmp_path / "log", verifier_key(ORIGIN, keys.signing_key().public_key())).ok


def test_public_export_verifies_and_links_nobody(conn: Connection, keys: FileKeys, tmp_path: Path) -> None:
    a_log(conn, keys, 5)

    export(conn, tmp_path / "log", public=True)

    report = verify_directory(tmp_path / "log", verifier_key(ORIGIN, keys.signing_key().public_key()))
    assert (report.ok, report.sealed, report.tokens) == (True, 0, 0)
    assert sorted(path.name for path in (tmp_path / "log").iterdir()) == ["checkpoint", "tile"]


def test_export_holds_no_personal_value(exported: Exported) -> None:
    content = b"".join(path.read_bytes() for path in exported.folder.rglob("*") if path.is_file())

    for value in (str(PERSON), str(OTHER), "adult-social-care", "arrowshire-hospitals"):
        assert value.encode() not in content
    assert str(exported.log[0].id).encode() in content


def test_export_of_an_empty_log_or_over_a_folder_is_refused(conn: Connection, keys: FileKeys, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to export"):
        export(conn, tmp_path / "log")
    a_log(conn, keys, 1)
    (tmp_path / "log").mkdir()
    with pytest.raises(UsageError, match="exists"):
        export(conn, tmp_path / "log")
    assert newest_checkpoint(conn)


def test_export_of_a_log_with_a_gap_leaves_nothing_behind(conn: Connection, keys: FileKeys, tmp_path: Path) -> None:
    a_log(conn, keys, 300)
    conn.execute("SET session_replication_role = replica")
    conn.execute("DELETE FROM audit.index WHERE index = 280")

    with pytest.raises(EvidenceBroken, match="index 280 is missing"):
        export(conn, tmp_path / "exports" / "log")

    assert list((tmp_path / "exports").iterdir()) == []


def test_export_on_a_full_disk_is_a_clear_error_and_leaves_nothing(
    conn: Connection, keys: FileKeys, database_url: str, tmp_path: Path
) -> None:
    a_log(conn, keys, 300)
    program = (
        "import resource, signal, sys; from pathlib import Path; from wye.audit.export import export;"
        "from wye.errors import StorageExhausted; from wye.store.database import connect;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
        "with connect(sys.argv[1]) as conn:\n"
        "    try: export(conn, Path(sys.argv[2]))\n"
        "    except StorageExhausted as error: print(error)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program, database_url, str(tmp_path / "exports" / "log")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "cannot be exported" in ran.stdout
    assert list((tmp_path / "exports").iterdir()) == []
