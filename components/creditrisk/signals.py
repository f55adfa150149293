"""A person's or the machine's request to stop, which no library can lose.

A signal's handler raises `KeyboardInterrupt` wherever the program is at that moment, and a library
may drop it there: NumPy does where it makes a text of one element. So what was asked is kept, and
asked again before the next step, and once more for the exit code.
"""

import signal

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_asked: list[int] = []


def listen() -> None:
    """Make SIGINT, SIGTERM and SIGHUP a `KeyboardInterrupt` of their number.

    What the parent had ignored stays ignored: SIGHUP under nohup, SIGINT in the background.
    """
    for number in ENDING:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, interrupt)


def interrupt(number: int, _: object) -> None:
    """The handler."""
    _asked.append(number)
    raise KeyboardInterrupt(number)


def stop_if_asked() -> None:
    """Raise what an earlier signal raised, if something dropped it."""
    if _asked:
        raise KeyboardInterrupt(_asked[-1])


def stopped_by(stop: BaseException | None = None) -> signal.Signals:
    """The signal behind an interruption: the one it was raised with, else the newest asked.

    SIGINT where neither is known: Python's own handler knows no other.
    """
    numbers = (*getattr(stop, "args", ()), *reversed(_asked), signal.SIGINT)
    return signal.Signals(numbers[0])


def exit_code(number: int) -> int:
    """What a shell calls the end of a process by this signal."""
    return 128 + number
