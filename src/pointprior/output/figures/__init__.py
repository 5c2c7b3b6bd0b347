"""Figures of the benchmark: scores by task, calibration, reconstructions, galleries of clouds, training curves.

`__init__.pyi` lists them; each is imported when it is first used, so that plots of tables load nothing for beads.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
