"""Give the partner's tests a hub on the other side."""

from exchange_fixtures import partner_url, routes, side

__all__ = ["partner_url", "routes", "side"]
