"""Mistakes of whoever asks, said without the stack of files that led to them."""

from snakemake import exceptions


class WorkflowError(exceptions.WorkflowError):
    """Snakemake's error, of which it prints the message only.

    Snakemake lists every file and function that an error has passed. The message of a mistake in the configuration, a
    list or a target says where it stands; our code above it would bury that.
    """

    __traceback__ = property(lambda self: None, lambda self, stack: None)
