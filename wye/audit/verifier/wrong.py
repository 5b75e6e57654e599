"""Say what is wrong with a log, and by which check it was found."""

from typing import Literal

Check = Literal[
    "checkpoint", "root", "node", "index", "entry", "header", "ciphertext", "tokens", "wrap", "held", "witness"
]


class Wrong(Exception):
    """Name the first thing that is wrong: an entry, a range of entries, a tile or a checkpoint.

    An entry is named by its id; by its index if its header cannot be trusted to say its id.
    """

    def __init__(self, check: Check, name: str, explanation: str) -> None:
        super().__init__(f"{name}: {explanation}")
        self.check: Check = check
        self.name = name
        self.explanation = explanation
