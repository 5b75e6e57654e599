"""Take rows in: land them sealed, then turn good ones into canonical records."""
