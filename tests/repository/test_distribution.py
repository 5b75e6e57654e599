"""What holds for the whole repository."""

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_our_distribution_alone_owns_the_generic_names() -> None:
    # An editable install is known by its finder; what counts is that no other distribution brings the same names.
    owners = packages_distributions()

    for name in ("schemas", "connectors", "wye"):
        assert set(owners.get(name, ["wye"])) == {"wye"}


def test_our_packages_are_found_without_the_repository_root_on_the_path() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import schemas.catalogue, connectors, wye, sys; print(schemas.__file__)"],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )

    assert Path(done.stdout.strip()).is_relative_to(ROOT)


def test_modules_stay_pleasant() -> None:
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    limits = {"tests": 600, "dags": 80}
    long = []
    for name in tracked.stdout.split():
        path = ROOT / name
        if path.exists() and len(path.read_text().splitlines()) > limits.get(name.split("/")[0], 400):
            long.append(name)

    assert not long


def test_nothing_names_a_machine_or_a_registry() -> None:
    words = ("/work" + "/", "/root" + "/", "pypi" + ".org", "registry.npmjs" + ".org", "deb.debian" + ".org")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = [
        (name, word)
        for name in tracked.stdout.split()
        if (ROOT / name).exists()
        for word in words
        if word.encode() in (ROOT / name).read_bytes()
    ]

    assert not found


def test_generated_pages_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/generate_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
