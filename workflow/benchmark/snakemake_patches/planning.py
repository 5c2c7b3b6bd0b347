"""What planning asks again for every job, asked once: a sixth of its time.

Snakemake (9.27) inspects the signature of every function of a rule for every job, several times, and looks up where it
keeps a copy of the rule's script likewise.
"""

from functools import lru_cache, wraps

from snakemake import common, rules
from snakemake.sourcecache import SourceCache


def remember_what_is_asked_again() -> None:
    """Let snakemake remember the parameters of functions and the places of scripts; once is enough."""
    if hasattr(common.get_function_params, "cache_info"):
        return
    common.get_function_params = rules.get_function_params = lru_cache(maxsize=4096)(common.get_function_params)
    SourceCache._cache = _remembering(SourceCache._cache)


def _remembering(place):
    @wraps(place)
    def remembered(self, source_file):
        known = self.__dict__.setdefault("_known_places", {})
        path = source_file.get_path_or_uri(secret_free=False)
        if path not in known:
            known[path] = place(self, source_file)
        return known[path]

    return remembered
