"""Less time for garbage collection.

Nearly all that snakemake (9.27) makes while it plans stays until the end, and Python's collector looks through it again
and again, last when the process exits.
"""

import atexit
import gc

SELDOM = (100_000, 20, 100)  # newly made objects before a collection (Python's own: 700), and of older ones


def collect_seldom() -> None:
    """Collect garbage now and then, never looking through what is imported, and not at the end; once is enough."""
    if gc.get_threshold() == SELDOM:
        return
    gc.freeze()
    gc.set_threshold(*SELDOM)
    atexit.register(gc.freeze)
