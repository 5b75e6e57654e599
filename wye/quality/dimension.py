"""Read ODCS's words for the dimensions of data quality."""

from collections.abc import Mapping

from wye.vocabulary import Dimension

ODCS_DIMENSIONS: Mapping[str, Dimension] = {
    "accuracy": Dimension.ACCURACY,
    "completeness": Dimension.COMPLETENESS,
    "conformity": Dimension.VALIDITY,
    "consistency": Dimension.CONSISTENCY,
    "timeliness": Dimension.TIMELINESS,
    "uniqueness": Dimension.UNIQUENESS,
}
"""ODCS 3.1 words for the six dimensions; its seventh, coverage, says nothing that the six do not."""
