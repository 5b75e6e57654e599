"""A look at a stream takes flat memory: ten times the rows that wait cost digests of eight bytes, not rows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, resource, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from listing import Listing, contract, person, table_rule
from wye import bootstrap
from wye.ports import SourceBatch, SourceRow
from wye.road.holds import report
from wye.road.ingest import ingest
from wye.settings import Settings

url, folder, total = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])

class Long(Listing):
    def read(self, stream, cursor, batch_rows):
        for start in range(0, total if stream == "people" else 0, batch_rows):
            made = (person(n, f"Ashdown{n}") for n in range(start, min(total, start + batch_rows)))
            yield SourceBatch([SourceRow(*each) for each in made], str(start))

    def keys(self, stream):
        return (str(n) for n in range(total if stream == "people" else 0))

rules = [
    table_rule("key_unique"), table_rule("unique", of=["surname"]), table_rule("deletions", at_most_share=0.1),
    table_rule("row_count", at_most_share=100, margin=0), table_rule("null_share", column="sex", change=0.1),
    table_rule("value_share", column="sex", values=["F", "M"], change=0.1), table_rule("quarantined", at_most_share=0.1),
    table_rule("fresh", severity="warning", hours=1),
]
system = Long(folder, contract(rules))
settings = Settings(home=folder, database_url=url, amqp_url="amqp://127.0.0.1:1/none", agreements=folder)
with bootstrap.open_hub(settings) as hub:
    done = ingest(replace(hub, make_connector=lambda _: system, source_names=("listing",)), "listing")
    outcomes = {row["rule"]: row["outcome"] for row in report(hub)["rules"]}
    count = hub.conn.execute("SELECT count(*) FROM canonical.row").fetchone()[0]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"rows": count, "held": done.held, "outcomes": outcomes, "peak_kib": peak}))
"""


def peak(url: str, folder: Path, rows: int) -> int:
    support = Path(__file__).parents[1] / "support"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, str(folder), str(rows), str(support)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert (answer["rows"], answer["held"]) == (rows, [])
    assert set(answer["outcomes"].values()) == {"pass", "warn"}
    return int(answer["peak_kib"])


@pytest.mark.long
@pytest.mark.services
@pytest.mark.timeout(1500)
def test_ten_times_the_rows_take_hardly_more_memory(database_url: str, tmp_path: Path) -> None:
    small = peak(database_url, tmp_path, 20_000)

    large = peak(database_url, tmp_path, 200_000)

    # Great Expectations itself is most of either, so a ratio would show nothing: what may be added is bounded.
    assert large - small <= 48 * 1024, (small, large)
