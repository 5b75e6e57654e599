"""Killed anywhere on the road and run again, the partners end with the same, and nothing is applied twice."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from journey import nameless

from wye.demo.stage import Stage, send_from_partners, set_stage
from wye.failpoints import FAILPOINTS
from wye.local.broker import Broker
from wye.local.cluster import Cluster

ROOT = Path(__file__).parents[2]
ON_THE_ROAD = [each for each in FAILPOINTS if not each.startswith(("rotate.", "retire."))]
"""Keys are turned beside the road: tests/keys/test_rotation.py kills there."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


class Journey:
    """Walk the road in processes of their own, so that one can be killed."""

    def __init__(self, home: Path, cluster: Cluster, broker: Broker, failpoint: str | None) -> None:
        self.stage: Stage = set_stage(
            home, people=120, seed=11, cluster=cluster, broker=broker, agreements=ROOT / "sharing_agreements"
        )
        self.failpoint = failpoint
        self.killed = 0

    def process(self, *words: str) -> int:
        environment = dict(self.stage.environment)
        if self.failpoint and not self.killed:
            environment["WYE_FAILPOINT"] = self.failpoint
        done = subprocess.run(
            [str(Path(sys.executable).parent / words[0]), *words[1:]],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        if done.returncode == -signal.SIGKILL:
            self.killed += 1
            return self.process(*words)  # the rerun: without the failpoint
        assert done.returncode == 0, done.stderr[-2000:]
        return done.returncode

    def walk(self) -> None:
        with self.stage.processes:
            for _ in range(2):
                self.process("wye", "run")
                for path in self.stage.partners.values():
                    self.process("python", "-m", "wye.partner", "--config", str(path), "--once")
                send_from_partners(self.stage)
            for _ in range(2):
                self.process("wye", "run")
                for path in self.stage.partners.values():
                    self.process("python", "-m", "wye.partner", "--config", str(path), "--once")
            self.process("wye", "run")

    def final(self) -> dict[str, Counter[str]]:
        """Tell what each recipient holds, without the names that differ from run to run."""
        found = {}
        for name in ("finance", *self.stage.partners):
            with psycopg.connect(self.stage.databases[name]) as conn:
                rows = conn.execute("SELECT agreement, subject, body FROM partner.held").fetchall()
            found[name] = Counter(f"{agreement} {nameless(body, subject)}" for agreement, subject, body in rows)
        return found

    def applied_and_sent(self) -> tuple[int, int, int]:
        applied = 0
        for name in ("finance", *self.stage.partners):
            with psycopg.connect(self.stage.databases[name]) as conn:
                (count,) = conn.execute("SELECT count(*) FROM partner.inbox WHERE outcome = 'applied'").fetchone() or (
                    0,
                )
                applied += count
        with psycopg.connect(self.stage.databases["hub"]) as conn:
            (sent, undelivered) = conn.execute(
                "SELECT count(*) FILTER (WHERE state = 'delivered'),"
                " count(*) FILTER (WHERE state NOT IN ('delivered', 'superseded', 'rejected')) FROM exchange.outbox"
            ).fetchone() or (0, 0)
        return applied, sent, undelivered

    def written(self) -> Counter[str]:
        """Tell what the care system and finance were given: each notice and each payment once."""
        notices: Counter[str] = Counter()
        for path in (self.stage.home / "drops" / "mosaic").glob("*.json"):
            notices.update(str(item["reference"]) for item in json.loads(path.read_text())["items"])
        for path in (self.stage.home / "counterparts" / "finance").glob("*/*.dat"):
            notices.update(
                f"payment {record[783:883].strip()}"
                for record in path.read_text("latin-1").splitlines()
                if record[75:77] == "AP"
            )
        return notices


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster, broker: Broker) -> Journey:
    journey = Journey(tmp_path_factory.mktemp("undisturbed"), cluster, broker, None)
    journey.walk()
    return journey


@pytest.mark.parametrize("failpoint", ON_THE_ROAD)
def test_killed_and_run_again_ends_as_if_undisturbed(
    failpoint: str, undisturbed: Journey, tmp_path: Path, cluster: Cluster, broker: Broker
) -> None:
    journey = Journey(tmp_path, cluster, broker, failpoint)

    journey.walk()

    assert journey.killed == 1, "the failpoint was never passed"
    assert journey.final() == undisturbed.final()
    assert all(journey.final().values())
    applied, sent, undelivered = journey.applied_and_sent()
    assert (applied, undelivered) == (sent, 0)
    assert journey.written() == undisturbed.written()
    assert max(journey.written().values()) == 1


def test_partner_sends_count_for_nothing_twice(undisturbed: Journey) -> None:
    with psycopg.connect(undisturbed.stage.databases["hub"]) as conn:
        found = conn.execute("SELECT count(*), count(DISTINCT id) FROM exchange.inbound").fetchone()

    assert found is not None
    assert found[0] == found[1] > 0
