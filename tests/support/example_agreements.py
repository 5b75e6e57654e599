"""Copy, change and sign the example agreements with keys made for one test run."""

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
AGREEMENTS = ROOT / "sharing_agreements"
IDS = sorted(path.parent.name for path in AGREEMENTS.glob("*/agreement.yaml"))
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


def plain(name: str) -> dict:
    """An agreement as plain data, to change and check."""
    return yaml.safe_load((AGREEMENTS / name / "agreement.yaml").read_text(encoding="utf-8"))


def dumped(content: object) -> bytes:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode()
