"""Be Mosaic: fill a PostgreSQL database, in the real layout, from an example county's files."""

from connectors.frameworki.counterpart.load import load

__all__ = ["load"]
