"""Know the revenues and benefits system (Civica): its nightly exports by SFTP."""

from connectors.civica_revenues.connector import CivicaRevenues

__all__ = ["CivicaRevenues"]
