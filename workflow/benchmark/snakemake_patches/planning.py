"""What planning asks again for every job, asked once, and a shorter way to the rule that makes a file.

For every job, snakemake (9.27) inspects the signature of every function of its rule, several times, and looks up where
it keeps a copy of the rule's script. For every file it goes through all rules whose outputs begin likewise: here all.
"""

from collections import defaultdict
from functools import lru_cache, wraps

from snakemake import common, rules
from snakemake.output_index import OutputIndex
from snakemake.sourcecache import SourceCache


def shorten_planning() -> None:
    """Let snakemake remember what it asks again, and look for rules by the ends of their outputs; once is enough."""
    if hasattr(common.get_function_params, "cache_info"):
        return
    common.get_function_params = rules.get_function_params = lru_cache(maxsize=4096)(common.get_function_params)
    SourceCache._cache = _remembering(SourceCache._cache)
    OutputIndex.__init__, OutputIndex.match = _indexed_by_ends, _match


def _remembering(place):
    @wraps(place)
    def remembered(self, source_file):
        known = self.__dict__.setdefault("_known_places", {})
        path = source_file.get_path_or_uri(secret_free=False)
        if path not in known:
            known[path] = place(self, source_file)
        return known[path]

    return remembered


def _indexed_by_ends(self, rules) -> None:
    """What outputs begin with, by what follows their last wildcard."""
    self._beginnings = defaultdict(list)
    for rule in rules:
        for product in rule.products():
            self._beginnings[str(product.constant_suffix())].append((str(product.constant_prefix()), rule))
    self._lengths = sorted({len(end) for end in self._beginnings})


def _match(self, targetfile: str) -> set:
    """Rules with an output that begins and ends as a file does."""
    ends = [targetfile[len(targetfile) - length :] for length in self._lengths if length <= len(targetfile)]
    candidates = (pair for end in ends if end in self._beginnings for pair in self._beginnings[end])
    return {rule for beginning, rule in candidates if targetfile.startswith(beginning)}
