"""Let tests import the benches, which are no part of the distribution: last on the path, so that nothing is shadowed."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
