"""Plant known bugs, one at a time, and see that the tests named beside each fail: `python scripts/mutants.py [NAME ...]`.

Each `tests/mutants/*.patch` says in its first line what is planted, and in its second which tests must all fail. The
work is done in a copy outside the checkout, where the tests named must first pass without any bug. Exit 0: every bug
was found; 1: one survived, no longer applies, or broke more than it should; 2: no such bug; 3: the tests fail anyway.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = Path("tests") / "mutants"
LEFT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache", "*.egg-info", "node_modules")
PASSED, FAILED = 0, 1
"""What pytest exits with; everything else means that it could not run the tests."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """Be one bug to plant."""

    patch: Path
    says: str
    tests: tuple[str, ...]

    @classmethod
    def read(cls, patch: Path) -> "Mutant":
        """Read a patch; raises ValueError if its first two lines do not say what it is for."""
        says, second, *_ = patch.read_text(encoding="utf-8").splitlines()
        label, _, tests = second.partition(": ")
        if label != "tests" or not tests.split() or not says.endswith("."):
            raise ValueError(f"`{patch.name}`: first a sentence, then `tests: <path> ...`, then the patch")
        return cls(patch, says, tuple(tests.split()))


def main(names: Sequence[str], root: Path = ROOT) -> int:
    """Plant every bug, or those named; gives the exit code."""
    mutants = [Mutant.read(path) for path in sorted((root / FOLDER).glob("*.patch"))]
    if unknown := sorted(set(names) - {mutant.patch.stem for mutant in mutants}):
        print(f"no bug `{unknown[0]}` in {FOLDER}", file=sys.stderr)
        return 2
    mutants = [mutant for mutant in mutants if not names or mutant.patch.stem in names]
    with tempfile.TemporaryDirectory(prefix="wye-mutants-") as folder:
        copy = Path(shutil.copytree(root, Path(folder) / "wye", ignore=LEFT))
        every = tuple(sorted({test for mutant in mutants for test in mutant.tests}))
        if (code := _tested(copy, every)[0]) != PASSED:
            print(f"without any bug planted pytest ended with {code}: {' '.join(every)}", file=sys.stderr)
            return 3
        found = [_found(copy, mutant) for mutant in mutants]
    print(f"{sum(found)} of {len(found)} planted bugs were found")
    return 0 if all(found) else 1


def _found(copy: Path, mutant: Mutant) -> bool:
    """Plant a bug, run its tests, take it out again; says whether each of its tests failed."""
    name = mutant.patch.stem
    if not fits(copy, mutant.patch):
        return _say(f"STALE     {name}: no longer applies; write it anew")
    try:
        code, failed = _tested(copy, mutant.tests)
    finally:
        fits(copy, mutant.patch, "--reverse")
    if code not in {PASSED, FAILED}:
        return _say(f"BROKEN    {name}: pytest ended with {code}")
    passed = [test for test in mutant.tests if not any(one.startswith(test) for one in failed)]
    if passed:
        return _say(f"SURVIVED  {name}: {mutant.says} Passed: {' '.join(passed)}")
    print(f"found     {name}", flush=True)
    return True


def _say(line: str) -> bool:
    print(line, flush=True)
    return False


def fits(folder: Path, patch: Path, *options: str) -> bool:
    """Apply a patch to a folder, which need be no repository; says whether it fits."""
    command = ["git", "apply", *options, str(patch)]
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = subprocess.run(command, cwd=folder, env=env, check=False, capture_output=True)  # noqa: S603  ours, no shell
    return done.returncode == 0


def _tested(copy: Path, tests: Sequence[str]) -> tuple[int, list[str]]:
    """Run tests on the copy; gives pytest's exit code, and what failed."""
    options = ["-m", "not long", "-p", "no:cacheprovider", "-rfE", "--tb=no", "--no-header"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=copy, env=env, check=False, capture_output=True, text=True)  # noqa: S603  as above
    said = (line.split() for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR ")))
    return done.returncode, [words[1] for words in said]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
