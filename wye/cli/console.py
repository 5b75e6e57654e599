"""Print in the one way of all commands: the result to stdout, everything else to stderr, no colour in a pipe."""

import sys
from collections.abc import Mapping, Sequence

import orjson

UNPRINTABLE = dict.fromkeys((*range(9), *range(11, 32), 127, *range(128, 160)), "\N{REPLACEMENT CHARACTER}")
"""Control characters but tab and newline: data must not move the cursor of whoever reads it."""


def result(data: object, as_json: bool, text: str | None = None) -> None:
    """Print a command's result: as JSON, else as the given text, else as plain lines of the data."""
    if as_json:
        options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
        words = orjson.dumps(data, default=str, option=options).decode()
    else:
        words = (text if text is not None else "\n".join(_lines(data))).translate(UNPRINTABLE)
    sys.stdout.write(words.rstrip("\n") + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell progress or a hint, on stderr."""
    sys.stderr.write(text.translate(UNPRINTABLE) + "\n")
    sys.stderr.flush()


def _lines(data: object, indent: str = "") -> list[str]:
    if isinstance(data, Mapping):
        lines = []
        for key, value in data.items():
            if isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
                lines += [f"{indent}{key}:", *_lines(value, indent + "  ")]
            else:
                lines.append(f"{indent}{key}: {_word(value)}")
        return lines
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [line for item in data for line in _lines(item, indent)]
    return [f"{indent}{_word(data)}"]


def _word(value: object) -> str:
    words: dict[object, str] = {None: "-", True: "yes", False: "no"}
    return words.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)
