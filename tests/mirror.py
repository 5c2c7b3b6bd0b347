"""A local copy of the PDB in a folder `shared` beside the repository: optional; tests that need it say so."""

from pathlib import Path

import pytest

SHARED = next((parent / "shared" for parent in Path(__file__).parents if (parent / "shared/pdb").is_dir()), None)
MIRRORS = [] if SHARED is None else [SHARED / "pdb", SHARED / "pdb-partial"]
needs_mirror = pytest.mark.skipif(SHARED is None, reason="no mirror in ../shared beside the repository")
