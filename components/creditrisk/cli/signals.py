"""A person's or the machine's request to stop, which no library can lose.

A signal's handler raises `KeyboardInterrupt` wherever the program is at that moment, and a library
may drop it there: NumPy does where it makes a text of one element. So what was asked is kept, and
asked again before the next step.
"""

import signal

_asked: list[int] = []


def listen() -> None:
    """Make SIGINT, SIGTERM and SIGHUP a `KeyboardInterrupt` of their number.

    What the parent had ignored stays ignored: SIGHUP under nohup, SIGINT in the background.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
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
