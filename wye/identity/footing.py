"""Say what links are weighed on, and when all of them have to be weighed anew. Pure.

INVARIANT: the links in force are what gathering all records at once would give on the footing in force, whatever
order the records came in. So a change of the footing (another model, names counted anew) is a look at all records.
"""

import hashlib

import duckdb
import orjson

from wye.identity import model
from wye.identity.rules import RULES

DRIFT = 2
"""Names are counted anew when there are this many times, or part of, the records that there were at the last count.
Until then a name is as common as it was then; counting costs a look at all records, so all counts together at most
double the work of a hub that grows."""
MANY = 0.1
"""Share of changed records from which reading all of them costs less than finding those nearby."""


def form(parameters: model.Parameters) -> str:
    """Digest whatever decides weights, pairs and ties: another release with another model is another form."""
    said = {
        "comparisons": [repr(each) for each in model.COMPARISONS],
        "blocks": list(model.BLOCKS.items()),
        "rules": [repr(rule) for rule in RULES],
        "settings": model.settings(parameters, int(parameters["records"])),
        "thresholds": [model.JOIN, model.FRACTURE, model.DOUBT, model.MARGIN, model.SMOOTHING, model.CROWD],
        "hash": duckdb.__version__,  # keys are DuckDB's hashes, which another version may make otherwise
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def fits(records: int, counted: int) -> bool:
    """Tell whether the names as counted among `counted` records still serve for this many."""
    return counted / DRIFT < records < max(counted, 1) * DRIFT
