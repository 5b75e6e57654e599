"""Verify an exported audit log with its public key alone: `python -m wye.audit.verifier DIR VKEY`.

A package that could be lifted out: the standard library and cryptography, no code of the writer, no database, no keys.
"""

from .directory import Report, verify_directory
from .note import BrokenNote, Note, open_note
from .wrong import Wrong

__all__ = ["BrokenNote", "Note", "Report", "Wrong", "open_note", "verify_directory"]
