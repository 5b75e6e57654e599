"""Exchange POLE messages with a police force."""

from connectors.police.connector import Police

__all__ = ["Police"]
