"""Ctrl-C before a script has begun its work.

Snakemake (9.27) begins every script with one line that holds all that it is given. Interrupted there, Python prints
the line: ten thousand characters.
"""

from functools import wraps

from snakemake.script import PythonScript

QUIET = (
    "import signal; "
    "signal.getsignal(signal.SIGINT) is signal.default_int_handler and signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
)


def interrupt_quietly() -> None:
    """Let Ctrl-C end a script without a traceback until it says otherwise (`joblog`); once is enough."""
    usual = PythonScript.get_preamble
    if hasattr(usual, "__wrapped__"):
        return

    @wraps(usual)
    def get_preamble(self) -> str:
        return QUIET + usual(self)

    PythonScript.get_preamble = get_preamble
