r"""Take Dataverse's JSON as it comes, and make of it values that JSON can hold again.

JSON text may name half a character (a lone surrogate, `\ud83d`), and Python keeps it; no encoder writes it back. It
becomes U+FFFD here, the mark of a broken character, and the rule `clean_text` refuses the row by that mark: it is
quarantined with its other values intact, where failing here would stop the whole stream.
"""

import json
import math
import re
from typing import NoReturn

SURROGATE = re.compile("[\ud800-\udfff]")
LARGEST = 2**63


def decode(body: bytes) -> object:
    """Read a JSON body; raises ValueError if it is none. Bytes that are no UTF-8 become U+FFFD."""
    try:
        return mended(json.loads(body.decode("utf-8", errors="replace"), parse_constant=_refuse))
    except RecursionError:
        raise ValueError("nested too deep") from None


def mended(value: object) -> object:
    """Replace lone surrogates, and write numbers that JSON readers would change as text."""
    match value:
        case str():
            found: object = SURROGATE.sub("\ufffd", value)
        case dict():
            found = {str(mended(name)): mended(item) for name, item in value.items()}
        case list():
            found = [mended(item) for item in value]
        case float():
            found = value if math.isfinite(value) else str(value)
        case int():
            found = value if -LARGEST <= value < LARGEST else str(value)
        case _:
            found = value
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
