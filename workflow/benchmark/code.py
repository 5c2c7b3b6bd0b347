"""What code results depend on, by script."""

from pathlib import Path

from pointprior.methods import METHODS
from pointprior.runtime.provenance import code_hash

STEPS = (  # beside reconstructions, of what scores come from
    "structures/coarse_grain_structure",
    "measurements/synthesise_observations",
    "priors/sample_prior",
    "scoring/score_reconstruction",
)


class Code:
    """Hashes of the code that scripts can reach.

    Rules need not say them (see `benchmark.completion`) unless their script imports modules by name.

    Parameters
    ----------
    scripts : Path
        The folder of the scripts.
    """

    def __init__(self, scripts: Path):
        self.scripts = scripts

    def of(self, script: str, *modules: str) -> str:
        """Hash of a script, named without suffix, and of modules that it imports by name."""
        return code_hash(self.scripts / f"{script}.py", *modules)

    def of_results(self) -> dict[str, str]:
        """Hashes of what scores come from, by step: of scripts, and of reconstructions by every method."""
        modules = {f"reconstruct_{method.name}": method.module for method in METHODS.values() if method.module}
        of_methods = {name: self.of("reconstruction/reconstruct", module) for name, module in modules.items()}
        return {Path(script).name: self.of(script) for script in STEPS} | of_methods
