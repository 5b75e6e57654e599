"""A source of any size passes in flat memory: ten times the rows, at most 1.3 times the memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from streams import AT, SOURCE, STREAM, by_record, how, keys, row
from wye.intake import rows as intake_rows
from wye.intake.land import land
from wye.intake.map import map_batch
from wye.store.database import connect
from datetime import timedelta

url, folder, total = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
hub_keys = keys(folder)
size = 5000
with connect(url) as conn:
    for start in range(0, total, size):
        at = AT + timedelta(seconds=start)
        rows = (row(str(n), f"Person {chr(97 + n % 26)}", phone="+447700900001") for n in range(start, start + size))
        with conn.transaction():
            landed = land(conn, hub_keys, SOURCE, STREAM, by_record(rows), cursor=str(start), at=at)
        if landed.batch is not None:
            map_batch(conn, hub_keys, landed.batch, how(), at)
    count = conn.execute("SELECT count(*) FROM canonical.row WHERE entity = 'person'").fetchone()[0]
print(json.dumps({"rows": count, "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def peak(url: str, folder: Path, rows: int) -> int:
    support = Path(__file__).parents[1] / "support"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, str(folder), str(rows), str(support)],
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert answer["rows"] == rows
    return int(answer["peak_kib"])


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_million_rows_take_the_memory_of_a_hundred_thousand(database_url: str, tmp_path: Path) -> None:
    small = peak(database_url, tmp_path, 100_000)

    # The first run's rows are in the same tables and have the same keys: the second run adds the other 900,000.
    large = peak(database_url, tmp_path, 1_000_000)

    assert large <= small * 1.3
