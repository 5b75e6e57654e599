"""Witness other bodies' logs: `python -m wye.audit.witness` (C2SP tlog-witness, tlog-cosignature).

A partner runs it on a machine and with a key of their own. It remembers, of each log that it watches, the last
checkpoint it cosigned, cosigns only what grew from it, and so catches what a log cannot show of itself: an older log
that was restored, and a history that was written anew. It needs the standard library, cryptography and the verifier.
"""

from .cosigner import Cosigner
from .memory import Memory
from .submission import Answer, Witness

__all__ = ["Answer", "Cosigner", "Memory", "Witness"]
