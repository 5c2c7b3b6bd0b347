"""What every rule has and none needs to say: a log, a benchmark, and the hash of the code that its script reaches."""

import re
from collections.abc import Iterable
from pathlib import Path

from snakemake.rules import Rule

from benchmark import paths
from pointprior.runtime.provenance import code_hash


def complete(rules: Iterable[Rule], scripts: Path) -> None:
    """Give rules that run a script `results/logs/RULE/WILDCARDS.log`, a benchmark of that name, and `params: code`.

    The hash makes results stale when code changes that their script can reach; comments and docstrings do not count.
    """
    for rule in rules:
        if rule.script is None:
            continue
        place = "/".join([rule.name, *(f"{{{name}}}" for name in wildcards_of(rule.output[0]))])
        # as snakemake does where the directives stand in a rule: paths of a module's rules get its prefix
        rule.log_modifier = rule.benchmark_modifier = rule.output_modifier
        if not rule.log:
            rule.set_log(f"{paths.LOGS}/{place}.log")
        if rule.benchmark is None:
            rule.benchmark = f"{paths.BENCHMARKS}/{place}.tsv"
        if "code" not in dict(rule.params.items()):
            rule.set_params(code=code_hash(scripts.joinpath(*Path(rule.script).parts[-2:])))


def wildcards_of(path: str) -> list[str]:
    """Names of a path's wildcards, in the order of their appearance, each once."""
    return list(dict.fromkeys(re.findall(r"\{([a-z]\w*)", path)))
