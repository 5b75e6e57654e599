"""Shorten a name to its first letter: enough to tell a slip in a reference, too little to name a person."""


def initial(value: object) -> object:
    """Give the first letter in capitals; raises ValueError if the value does not begin with one."""
    if not isinstance(value, str) or not value.strip() or not value.strip()[0].isalpha():
        raise ValueError("a name that does not begin with a letter")
    return value.strip()[0].upper()
