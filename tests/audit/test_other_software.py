"""Logs that other tlog-tiles software wrote are verified, of any size and with any entries; and what is wrong is named."""

import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from naive_log import NaiveLog

from wye.audit.verifier import verify_directory

ORIGIN = "other.example/2026-log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def entries(count: int) -> list[bytes]:
    """Bytes that are no header of ours: empty, long, and all sorts."""
    random_ = random.Random(count)  # noqa: S311  chance is the point
    held = [random_.randbytes(random_.choice([0, 1, 31, 64, 65, 200])) for _ in range(count)]
    return [*held[:-1], bytes(65535)] if count else []


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 1000])
def test_log_of_other_software_verifies(size: int, tmp_path: Path) -> None:
    log = NaiveLog(ORIGIN, KEY, entries(size))
    log.write(tmp_path / "log", with_older_partials=size in {3, 257, 300})

    report = verify_directory(tmp_path / "log", log.vkey)

    assert report.ok, report
    assert (report.origin, report.size, report.entries, report.checkpoints) == (ORIGIN, size, size, 1)
    assert (report.sealed, report.tokens) == (0, 0)


def test_log_with_a_third_level_of_tiles_verifies_and_its_every_level_is_compared(tmp_path: Path) -> None:
    log = NaiveLog(ORIGIN, KEY, [n.to_bytes(3, "big") for n in range(65_536 + 3)])
    log.write(tmp_path)
    top, middle = tmp_path / "tile/2/000.p/1", tmp_path / "tile/1/000"
    assert verify_directory(tmp_path, log.vkey).ok

    for path, name in ((middle, "entries 65280 to 65535"), (top, "entries 0 to 65535")):
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(bytes(content))
        found = verify_directory(tmp_path, log.vkey)
        assert (found.ok, found.check, found.first_wrong) == (False, "node", name)
        content[-1] ^= 1
        path.write_bytes(bytes(content))


def test_first_wrong_entry_of_other_software_is_named(tmp_path: Path) -> None:
    log = NaiveLog(ORIGIN, KEY, [n.to_bytes(2, "big") for n in range(300)])
    log.write(tmp_path)
    bundle = tmp_path / "tile/entries/001.p/44"
    content = bytearray(bundle.read_bytes())

    for number in (256, 270, 299):
        at = (number - 256) * 4 + 3
        content[at] ^= 1
        bundle.write_bytes(bytes(content))
        found = verify_directory(tmp_path, log.vkey)
        assert (found.check, found.first_wrong) == ("header", f"entry {number}")
        content[at] ^= 1
    bundle.write_bytes(bytes(content))
    assert verify_directory(tmp_path, log.vkey).ok


def test_checkpoint_with_extension_lines_verifies(tmp_path: Path) -> None:
    log = NaiveLog(ORIGIN, KEY, entries(5))
    log.write(tmp_path)
    (tmp_path / "checkpoint").write_text(log.checkpoint(5, extension="some extension\n"), encoding="utf-8")

    assert verify_directory(tmp_path, log.vkey).ok


def test_held_checkpoint_tells_an_older_log_and_another_one(tmp_path: Path) -> None:
    log = NaiveLog(ORIGIN, KEY, [n.to_bytes(2, "big") for n in range(40)])
    other = NaiveLog(ORIGIN, KEY, [b"rewritten", *log.tree.entries[1:]])
    older = NaiveLog(ORIGIN, KEY, log.tree.entries[:20])
    for name, each in (("log", log), ("other", other), ("older", older)):
        each.write(tmp_path / name)

    for size in (0, 1, 20, 39, 40):
        held = log.checkpoint(size)
        assert verify_directory(tmp_path / "log", log.vkey, held=held).ok
        rewritten = verify_directory(tmp_path / "other", log.vkey, held=held)
        assert (rewritten.ok, rewritten.check) == ((True, None) if size == 0 else (False, "held"))
    behind = verify_directory(tmp_path / "older", log.vkey, held=log.checkpoint(40))
    assert (behind.check, behind.first_wrong) == ("held", "checkpoint 40")
    assert "older" in str(behind.explanation)
    forged = NaiveLog(ORIGIN, Ed25519PrivateKey.generate(), log.tree.entries).checkpoint(40)
    assert verify_directory(tmp_path / "log", log.vkey, held=forged).check == "checkpoint"
