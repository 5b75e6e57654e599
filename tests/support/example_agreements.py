"""Copy, change and sign the example agreements with keys made for one test run."""

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
AGREEMENTS = ROOT / "sharing_agreements"
MORE = AGREEMENTS / "examples"
"""Those that no player of the demo stands for: a folder of agreements of its own, with its own signers."""
IDS = sorted(path.parent.name for path in AGREEMENTS.glob("*/agreement.yaml"))
ALL_IDS = sorted([*IDS, *(path.parent.name for path in MORE.glob("*/agreement.yaml"))])
FILES = ("agreement.yaml", "terms.md", "cases.yaml")


def copied(to: Path) -> Path:
    """A copy of the signed examples."""
    return Path(shutil.copytree(AGREEMENTS, to / "sharing_agreements"))


def sign_all(folder: Path) -> None:
    """Sign whatever stands in a folder anew, with new keys, by the script that `make sign-examples` runs."""
    subprocess.run([sys.executable, str(ROOT / "scripts" / "sign_examples.py"), str(folder)], check=True, cwd=ROOT)


def make_key(path: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    return path.with_name(f"{path.name}.pub").read_text().strip()


def sign(signed: bytes, key: Path, namespace: str = "sharing-agreement@wye") -> bytes:
    return subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-q", "-f", str(key), "-n", namespace],
        input=signed,
        capture_output=True,
        check=True,
    ).stdout


def folder(name: str) -> Path:
    """The folder of an example, wherever it stands."""
    return (AGREEMENTS if name in IDS else MORE) / name


def together(to: Path) -> Path:
    """All examples in one folder, signed anew with keys made for it: a hub under which every one is in force."""
    for name in ALL_IDS:
        shutil.copytree(folder(name), to / name)
    sign_all(to)
    return to


def plain(name: str) -> dict:
    """An agreement as plain data, to change and check."""
    return yaml.safe_load((folder(name) / "agreement.yaml").read_text(encoding="utf-8"))


def dumped(content: object) -> bytes:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()
