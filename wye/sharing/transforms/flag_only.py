"""Say that a value is held, and nothing else: the recipient learns whom to ask."""


def flag_only(value: object) -> object:
    """Give true: a value that is not held is never transformed."""
    return value is not None
