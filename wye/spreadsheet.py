"""Keep a cell from being run as a formula, in lists that people open in a spreadsheet. Machine feeds are untouched."""

import re

FORMULA = re.compile(
    r"\s*[=+\-@|%\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]"
    r"|[^\S\t\r\n]*[\t\r\n]"
)
"""How a cell begins that some program would run (OWASP, CSV injection): also after blanks, and in full width."""


def defused(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run, by which it shows it as text; anything else is as it was."""
    return f"'{cell}" if FORMULA.match(cell) else cell
