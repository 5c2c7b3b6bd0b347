"""The configuration: what may be said, what holds if nothing is said, how a mistake is reported.

Settings of the library's own (methods, execution, network, training) derive from its dataclasses, which own their
defaults, meanings and ranges; the others are the workflow's. `config/config.yaml` spells all defaults out.
"""

from benchmark.config.load import load
from benchmark.config.root import Configuration

__all__ = ["Configuration", "load"]
