"""Verify an exported audit log with its public key alone: `python -m wye.audit.verifier DIR VKEY`.

A package that could be lifted out: the standard library and cryptography, no code of the writer, no database, no keys.
"""

from .directory import Report, verify_directory
from .note import BrokenNote, Note, cosigned_at, open_note
from .proof import BrokenProof, Included, open_proof
from .wrong import Wrong

__all__ = [
    "BrokenNote",
    "BrokenProof",
    "Included",
    "Note",
    "Report",
    "Wrong",
    "cosigned_at",
    "open_note",
    "open_proof",
    "verify_directory",
]
