"""Show that a batch is written whole or not at all, once, on a full disk and by two writers at a time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from connectors.agresso import Agresso
from connectors.agresso.drop import drop
from wye.ports import BadInput, SourceUnavailable

WRITE_UNDER_LIMIT = """
import resource, sys
from uuid import UUID
from connectors.agresso import Agresso
from wye.ports import StorageExhausted

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
items = [
    {"reference": str(n), "provider_reference": "S1", "provider": "Brook House", "amount_pence": 100,
     "period": "202611", "description": "care", "due_on": "2026-11-30", "item": str(UUID(int=n))}
    for n in range(1, 51)
]
try:
    Agresso({"drop_folder": sys.argv[1]}).write("care_payments", items, "B1")
except StorageExhausted as full:
    print(full)
    raise SystemExit(3)
"""


def items(count: int) -> list[dict[str, object]]:
    return [
        {
            "reference": str(n),
            "provider_reference": "S1",
            "provider": "Brook House",
            "amount_pence": 100,
            "period": "202611",
            "description": "care",
            "due_on": "2026-11-30",
            "item": str(UUID(int=n)),
        }
        for n in range(1, count + 1)
    ]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


@pytest.mark.parametrize("limit", [1, 2061, 100_000, 206_099])
def test_write_past_the_file_limit_is_exhausted_and_leaves_nothing(tmp_path: Path, limit: int):
    ended = subprocess.run(
        [sys.executable, "-c", WRITE_UNDER_LIMIT, str(tmp_path), str(limit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 3, ended.stderr
    assert "the disk or a file limit stopped the batch" in ended.stdout
    assert left_in(tmp_path) == []


def test_write_within_the_file_limit_is_whole(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-c", WRITE_UNDER_LIMIT, str(tmp_path), "206100"], capture_output=True, check=False, timeout=60
    )

    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "B1.dat").stat().st_size == 50 * 2 * 2061


def test_write_twice_keeps_the_first_files(tmp_path: Path):
    connector = Agresso({"drop_folder": str(tmp_path)})
    first = connector.write("care_payments", items(3), "B1")
    data = tmp_path / "B1.dat"
    written_at = data.stat().st_mtime_ns

    again = connector.write("care_payments", items(3), "B1")

    assert again == first
    assert data.stat().st_mtime_ns == written_at


def test_write_again_after_finance_took_the_data_does_not_send_it_again(tmp_path: Path):
    connector = Agresso({"drop_folder": str(tmp_path)})
    connector.write("care_payments", items(3), "B1")
    (tmp_path / "B1.dat").unlink()

    connector.write("care_payments", items(3), "B1")

    assert left_in(tmp_path) == ["B1.ctl"]


def test_write_other_content_under_a_used_name_is_refused(tmp_path: Path):
    connector = Agresso({"drop_folder": str(tmp_path)})
    connector.write("care_payments", items(3), "B1")
    data = (tmp_path / "B1.dat").read_bytes()

    with pytest.raises(BadInput, match="already written with other content"):
        connector.write("care_payments", items(2), "B1")

    assert (tmp_path / "B1.dat").read_bytes() == data


def test_write_after_a_kill_before_the_control_file_ends_whole(tmp_path: Path):
    connector = Agresso({"drop_folder": str(tmp_path)})
    (tmp_path / "B1.dat").write_bytes(b"half a ba")
    (tmp_path / ".writing-killed").mkdir()
    (tmp_path / ".writing-killed" / "data").write_bytes(b"half")

    connector.write("care_payments", items(3), "B1")

    assert left_in(tmp_path) == ["B1.ctl", "B1.dat"]
    assert (tmp_path / "B1.dat").stat().st_size == 6 * 2061


def test_write_by_eight_at_once_writes_once(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        totals = list(pool.map(lambda _: drop(tmp_path, "B1", [b"one\n", b"two\n"], 5), range(8)))

    assert len(set(totals)) == 1
    assert left_in(tmp_path) == ["B1.ctl", "B1.dat"]
    assert (tmp_path / "B1.dat").read_bytes() == b"one\ntwo\n"


def test_write_where_a_folder_stands_in_the_way_is_unavailable(tmp_path: Path):
    (tmp_path / "B1.dat").mkdir()

    with pytest.raises(SourceUnavailable, match="drop folder cannot be written"):
        drop(tmp_path, "B1", [b"one\n"], 5)

    assert not (tmp_path / "B1.ctl").exists()
