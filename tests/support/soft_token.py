"""Make PKCS#11 tokens in a folder, by SoftHSM: real tokens in all but the hardware."""

import os
import subprocess
from pathlib import Path

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN, OFFICER_PIN = "4823-invented", "9015-invented"


class SoftTokens:
    """Tokens of one folder, labelled `wye-0`, `wye-1` and so on.

    All are made beforehand: a module that is loaded does not see tokens that another program makes.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self.configuration = folder / "softhsm2.conf"
        (folder / "tokens").mkdir()
        self.configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(self.configuration)
        for number in range(count):
            made = ["softhsm2-util", "--init-token", "--free", "--label", f"wye-{number}"]
            subprocess.run([*made, "--pin", PIN, "--so-pin", OFFICER_PIN], check=True, capture_output=True, timeout=60)
        self._labels = iter([f"wye-{number}" for number in range(count)])

    def fresh(self) -> str:
        """Label a token that holds nothing yet."""
        return next(self._labels)
