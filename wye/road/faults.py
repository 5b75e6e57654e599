"""Go on after a fault of one of several, and raise it when the others are done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from wye.errors import WyeError


@contextmanager
def noting(faults: list[WyeError]) -> Iterator[None]:
    """Note an error of ours instead of raising it. An unexpected one passes: nobody knows what it left behind."""
    try:
        yield
    except WyeError as error:
        faults.append(error)


def raise_all(faults: Sequence[WyeError]) -> None:
    """Raise what was noted, if anything was: one error as it is, several as one that says each, of the first's class."""
    if not faults:
        return
    if len(faults) == 1:
        raise faults[0]
    raise _class_of(faults[0])("; ".join(dict.fromkeys(str(fault) for fault in faults)))


def _class_of(fault: WyeError) -> type[WyeError]:
    """Find the class to raise for several: a subclass may want more than a message, its ancestors do not."""
    return next(kind for kind in type(fault).__mro__ if issubclass(kind, WyeError) and "__init__" not in vars(kind))
