"""Doubt a Unique Pupil Number of a local authority that is on no list: the digits may be another number's.

Source: DfE's codes of January 2011 as python-stdnum has them. Authorities founded since are missing there, so a
contract names those that it meets under `also`, and counts rather than refuses (severity `info`).
"""

from collections.abc import Mapping

import polars as pl

from wye.quality.rules.upn import bare_upn

RIGHT = "Digits 2 to 4 are the code of the local authority that gave the number, such as 884."


def failing(column: pl.Expr, arguments: Mapping[str, object]) -> pl.Expr:
    """Fail where the three digits after the check letter are no known authority and none of `also`."""
    from stdnum.gb.upn import _la_numbers as listed  # the list has no public name

    also = arguments.get("also", [])
    known = [f"{code:03d}" for code in listed] + [str(code) for code in (also if isinstance(also, list) else [])]
    return bare_upn(column).str.slice(1, 3).is_in(known).not_()
