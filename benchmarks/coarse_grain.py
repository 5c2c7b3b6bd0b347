"""Both engines of the coarse-graining on real entries: seconds and likelihood over several seeds.

    python benchmarks/coarse_grain.py 5a32 7qpd --mirror /data/pdb --seeds 3

The mirrors of PDB_DIR are searched as well. Prints a row per entry, engine and seed, then per entry the mean
log-likelihood of either engine with its spread, and how many times faster `neighbours` was. scikit-learn needs about
a minute per fit at 15,000 atoms.
"""

import argparse
import time

import numpy as np

from pointprior.structures.archive import locate, mirrors_from
from pointprior.structures.atoms import read_atoms
from pointprior.structures.mixtures import ENGINES, fit_mixture
from pointprior.structures.recipes import MixtureFit


def measure(entry: str, xyz: np.ndarray, engine: str, seeds: int, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Fit once per seed; return seconds and mean log-likelihood per atom (in nats), both of shape=(seeds,)."""
    rows = []
    for seed in range(seeds):
        start = time.perf_counter()
        mixture = fit_mixture(xyz, components=components, seed=seed, name=entry, fit=MixtureFit(engine=engine))
        rows.append((time.perf_counter() - start, mixture.log_likelihood))
        seconds, likelihood = rows[-1]
        print(f"{entry} {len(xyz):7d} {engine:12s} {seed:4d} {mixture.iterations:4d} {seconds:8.2f} {likelihood:10.4f}")
    return np.array(rows).T


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", nargs="+")
    parser.add_argument("--mirror", action="append", default=[])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--components", type=int, default=1024)
    parser.add_argument("--engine", action="append", choices=ENGINES, help="only this engine")
    options = parser.parse_args()
    mirrors = mirrors_from(options.mirror)
    print("entry  atoms engine       seed iter  seconds  log-likelihood")
    for entry in options.entries:
        path = locate(entry, mirrors)
        if path is None:
            parser.error(f"{entry} is in no mirror; name one with --mirror or PDB_DIR")
        xyz = read_atoms(path).xyz
        results = {
            engine: measure(entry, xyz, engine, options.seeds, options.components)
            for engine in options.engine or ENGINES
        }
        for engine, (_, likelihood) in results.items():
            print(f"{entry} {engine}: {likelihood.mean():.4f} ± {likelihood.std():.4f} nats per atom")
        if len(results) == 2:
            slow, fast = (results[engine][0].mean() for engine in ENGINES)
            print(f"{entry} neighbours is {slow / fast:.0f} times faster")


if __name__ == "__main__":
    main()
