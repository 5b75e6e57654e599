import json
import os
import subprocess
import sys
from pathlib import Path

from session_register import Register

from wye.local import process

OTHER = (
    "import sys, pathlib; from session_register import Register; Register(pathlib.Path(sys.argv[1])).join(); input()"
)


def test_last_session_to_leave_is_told_so(tmp_path: Path) -> None:
    register = Register(tmp_path / "sessions")

    register.join()
    register.join()

    assert register.leave()
    assert json.loads(register.path.read_text()) == []


def test_session_that_is_not_the_last_is_told_so_until_the_other_dies(tmp_path: Path) -> None:
    register = Register(tmp_path / "sessions")
    register.join()
    words = [sys.executable, "-c", OTHER, str(register.path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "support")}
    other = subprocess.Popen(words, stdin=subprocess.PIPE, env=environment)
    while len(json.loads(register.path.read_text())) < 2:
        assert other.poll() is None

    with_other = register.leave()
    other.kill()  # it cannot sign out
    other.wait()
    register.join()

    assert not with_other
    assert register.leave()


def test_process_with_the_number_of_a_dead_session_is_not_taken_for_it(tmp_path: Path) -> None:
    register = Register(tmp_path / "sessions")
    boot, pid, born = str(process.identity(os.getppid())).split()
    register.path.write_text(json.dumps([f"{boot} {pid} {int(born) - 1}", f"another-boot {pid} {born}"]))

    register.join()

    assert register.leave()


def test_torn_register_counts_as_empty(tmp_path: Path) -> None:
    register = Register(tmp_path / "sessions")
    register.path.write_text("[")

    register.join()

    assert register.leave()
