"""Know Agresso (Unit4 ERP): care payments out as GL07 batches, the state of payments back."""

from connectors.agresso.connector import Agresso

__all__ = ["Agresso"]
