"""Stop a piece of work at its n-th system call: kill it there, let the call fail with EIO, or do something meanwhile.

The work runs in a forked child that is traced by ptrace(2), as any account may trace its own children. Call `run` from
the main thread of a process that has nothing else to do (a pool's worker): the child inherits all that is open there.
"""

import ctypes
import errno
import os
import platform
import signal
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

How = Literal["kill", "error", "meanwhile"]
Work = Callable[[Callable[[], None], Callable[[bytes], None]], None]
"""Work that sets itself up, says `begin()`, and may tell what it did in bytes."""

_TRACEME, _POKEUSER, _CONT, _SYSCALL, _SETOPTIONS, _GETREGSET, _SETREGSET = 0, 6, 7, 24, 0x4200, 0x4204, 0x4205
_OPTIONS = 0x1 | 0x100000  # PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL
_IN_CALL = signal.SIGTRAP | 0x80
_PRSTATUS, _ARM_SYSTEM_CALL = 1, 0x404
_NUMBER, _RESULT, _FIRST = {"x86_64": (15, 10, 14), "aarch64": (8, 0, 0)}.get(platform.machine(), (-1, -1, -1))
"""Which word of the general registers holds the number of the call, which its result, which its first argument."""
_PIDFD_GETFD = 438
PATIENCE = 20
"""Seconds after which work that does not end is a failure of its own."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


@dataclass(frozen=True, slots=True)
class Point:
    """Say at which system call of the work, counted from 1 at `begin`, and what is done there."""

    call: int
    how: How


@dataclass(slots=True)
class Ended:
    """Tell how the work went. `code` is 0 if it came to its end, 1 if it raised, -n if signal n ended it."""

    code: int = 0
    calls: int = 0
    told: bytes = b""
    hit: int | None = None
    """The number of the system call that was hit; none if the work made fewer."""
    raised: str = ""
    """The class of what it raised."""
    names: list[int] = field(default_factory=list)
    """The numbers of all the calls it made."""


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def run(work: Work, point: Point | None = None, meanwhile: Callable[[], None] | None = None) -> Ended:
    """Do the work in a child, disturbed at one point or at none, and wait for it."""
    telling, told = os.pipe()
    raising, raised = os.pipe()
    child = os.fork()
    if child == 0:
        os._exit(_in_child(work, told, raised))
    os.close(told)
    os.close(raised)
    ended = Ended()
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(PATIENCE)
    try:
        ended.code = _trace(child, point, meanwhile, ended)
    finally:
        signal.alarm(0)
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        ended.told, ended.raised = _all(telling), _all(raising).decode()
    return ended


def _too_long(*_: object) -> None:
    raise AssertionError(f"the work did not end within {PATIENCE} s")


def _in_child(work: Work, told: int, raised: int) -> int:
    try:
        _ptrace(_TRACEME, 0)
        work(_stop, lambda words: _written(told, words))
        _stop()
    except BaseException as error:  # noqa: BLE001  the child ends here, and the parent is told
        _written(raised, type(error).__name__.encode())
        return 1
    return 0


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _written(to: int, words: bytes) -> None:
    os.write(to, words)


def _all(source: int) -> bytes:
    with os.fdopen(source, "rb") as file:
        return file.read()


def _trace(child: int, point: Point | None, meanwhile: Callable[[], None] | None, ended: Ended) -> int:
    status = _wait(child)
    if not os.WIFSTOPPED(status):
        raise AssertionError("the work ended before it began")
    _ptrace(_SETOPTIONS, child, data=_OPTIONS)
    deliver, inside, failing = 0, False, False
    while True:
        with suppress(ProcessLookupError):  # killed: its status tells
            _ptrace(_SYSCALL, child, data=deliver)
        status = _wait(child)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        deliver = os.WSTOPSIG(status)
        if deliver == signal.SIGSTOP:  # it came to its end
            _ptrace(_CONT, child)
            return os.waitstatus_to_exitcode(_wait(child))
        if deliver != _IN_CALL:
            continue
        deliver, inside = 0, not inside
        if not inside:
            if failing:
                _fail(child)
            failing = False
            continue
        ended.calls += 1
        ended.names.append(_registers(child)[_NUMBER])
        if point is not None and point.call == ended.calls:
            ended.hit = ended.names[-1]
            failing = _disturb(child, point.how, meanwhile)


def _disturb(child: int, how: How, meanwhile: Callable[[], None] | None) -> bool:
    """Do what is to be done where a call begins; true if it is to fail where it ends."""
    if how == "kill":
        os.kill(child, signal.SIGKILL)
    elif how == "error":
        _break_socket(child, _registers(child)[_FIRST])
        _skip(child)
    elif meanwhile is not None:
        meanwhile()
    return how == "error"


def _break_socket(child: int, handle: int) -> None:
    """Break the link for good if the call is on a socket: one that fails once and then goes on there is not."""
    process = os.pidfd_open(child)
    try:
        taken = _libc.syscall(_PIDFD_GETFD, process, ctypes.c_int(handle & 0x7FFFFFFF), 0)
    finally:
        os.close(process)
    if taken >= 0:
        try:
            if stat.S_ISSOCK(os.fstat(taken).st_mode):
                link = socket.socket(fileno=taken)
                with suppress(OSError):  # it may be broken already
                    link.shutdown(socket.SHUT_RDWR)
                link.detach()
        finally:
            os.close(taken)


def _skip(child: int) -> None:
    """Let the call that begins not be made."""
    if platform.machine() == "aarch64":
        none = ctypes.c_int(-1)
        _regset(_SETREGSET, child, _ARM_SYSTEM_CALL, ctypes.addressof(none), ctypes.sizeof(none))
    else:
        _ptrace(_POKEUSER, child, _NUMBER * 8, -1)


def _fail(child: int) -> None:
    """Let the call that ends have failed with an I/O error."""
    registers = _registers(child)
    registers[_RESULT] = -errno.EIO
    _regset(_SETREGSET, child, _PRSTATUS, ctypes.addressof(registers), ctypes.sizeof(registers))


def _registers(child: int) -> "ctypes.Array[ctypes.c_long]":
    if _NUMBER < 0:
        raise AssertionError(f"the registers of `{platform.machine()}` are not known: add them to _NUMBER and _RESULT")
    registers = (ctypes.c_long * (27 if platform.machine() == "x86_64" else 34))()
    _regset(_GETREGSET, child, _PRSTATUS, ctypes.addressof(registers), ctypes.sizeof(registers))
    return registers


def _regset(request: int, child: int, kind: int, base: int, length: int) -> None:
    words = _Iovec(base, length)
    _ptrace(request, child, kind, ctypes.addressof(words))


def _ptrace(request: int, child: int, address: int = 0, data: int = 0) -> None:
    if _libc.ptrace(request, child, address, data) == -1:
        raise OSError(ctypes.get_errno(), f"ptrace {request}")


def _wait(child: int) -> int:
    return os.waitpid(child, 0x40000000)[1]  # __WALL
