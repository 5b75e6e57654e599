"""Check rows against their contract: vectorised, with a dimension and an owner to every failure."""
