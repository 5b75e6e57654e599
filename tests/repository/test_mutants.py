"""Planted bugs still fit the code and name tests that are there; and a bug that no test finds is told as one."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("mutants", ROOT / "scripts" / "mutants.py")
assert SPEC is not None
assert SPEC.loader is not None
mutants = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(mutants)
PATCHES = sorted((ROOT / "tests" / "mutants").glob("*.patch"))

GUARD = (
    "Whoever is no friend gets in.\ntests: tests/test_door.py\n"
    "--- a/door.py\n+++ b/door.py\n@@ -1,2 +1,2 @@\n def opens(friend):\n-    return friend\n+    return True\n"
)


@pytest.mark.parametrize("patch", PATCHES, ids=lambda path: path.stem)
def test_planted_bug_fits_the_code_and_names_tests_that_are_there(patch: Path) -> None:
    mutant = mutants.Mutant.read(patch)

    assert mutants.fits(ROOT, patch, "--check"), f"{patch.name} no longer applies: write it anew"
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("patch", "test", "code", "said"),
    [
        (GUARD, "assert not opens(False)", 0, "found     door\n1 of 1 planted bugs were found\n"),
        (GUARD, "assert opens(True)", 1, "SURVIVED  door: Whoever is no friend gets in. Passed: tests/test_door.py\n"),
        (GUARD.replace("-    return friend", "-    return foe"), "assert opens(True)", 1, "STALE     door"),
        (GUARD.replace("True", "True)"), "assert opens(True)", 1, "BROKEN    door"),
        (GUARD, "assert not opens(True)", 3, ""),
    ],
    ids=["found", "survived", "stale", "broken", "failing anyway"],
)
def test_bug_is_found_only_if_its_test_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], patch: str, test: str, code: int, said: str
) -> None:
    (tmp_path / "tests" / "mutants").mkdir(parents=True)
    (tmp_path / "tests" / "mutants" / "door.patch").write_text(patch)
    (tmp_path / "door.py").write_text("def opens(friend):\n    return friend\n")
    (tmp_path / "tests" / "test_door.py").write_text(f"from door import opens\n\n\ndef test_door():\n    {test}\n")

    assert mutants.main([], tmp_path) == code
    assert capsys.readouterr().out.startswith(said)


def test_unknown_bug_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutants.main(["no-such-bug"]) == 2
    assert "no-such-bug" in capsys.readouterr().err
