"""What every rule has and none needs to say.

A log, a benchmark, the hash of the code that its script reaches, the environment of its stage, a message from its
script's docstring, and memory and time. What a rule says itself comes first.
"""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from snakemake.resources import Resources
from snakemake.rules import Rule

from benchmark import paths
from benchmark.requests import request
from pointprior.runtime.provenance import code_hash

# the environment in envs/ of the scripts of each folder
ENVIRONMENTS = {
    "measurements": "structures",
    "output": "figures",
    "own": "own",
    "priors": "torch",
    "reconstruction": "torch",
    "scoring": "scores",
    "shapes": "structures",
    "structures": "structures",
}


def complete(rules: Iterable[Rule], scripts: Path) -> None:
    """Give rules that run a script `results/logs/RULE/WILDCARDS.log`, a benchmark of that name, and all the rest.

    The hash, `params: code`, makes results stale when code changes that their script can reach; comments and
    docstrings do not count.
    """
    for rule in rules:
        if rule.script is None:
            continue
        script = scripts.joinpath(*Path(rule.script).parts[-2:])
        names = wildcards_of(rule.output[0])
        _add_files(rule, "/".join([rule.name, *(f"{{{name}}}" for name in names)]))
        if "code" not in dict(rule.params.items()):
            rule.set_params(code=code_hash(script))
        if rule.conda_env is None:
            rule.conda_env = f"../../envs/{ENVIRONMENTS[script.parent.name]}.yaml"
        if rule.message is None:
            rule.message = message(script, names, ["gpu"] * ("gpu" in rule.resources))
        _add_resources(rule)


def wildcards_of(path: str) -> list[str]:
    """Names of a path's wildcards, in the order of their appearance, each once."""
    return list(dict.fromkeys(re.findall(r"\{([a-z]\w*)", path)))


@cache
def purpose(script: Path) -> str:
    """What a script does: the first line of its docstring, up to a colon or semicolon."""
    first, *_ = str(ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))).splitlines()
    return re.split(r"[:;]\s", first.removesuffix("."), maxsplit=1)[0]


def message(script: Path, wildcards: Iterable[str], resources: Iterable[str] = ()) -> str:
    """What a script does, to what, and with which of the resources: `Train a prior (cryostruct, gpu=1)`."""
    said = [f"{{wildcards.{name}}}" for name in wildcards] + [f"{name}={{resources.{name}}}" for name in resources]
    return f"{purpose(script)} ({', '.join(said)})" if said else purpose(script)


def _add_files(rule: Rule, place: str) -> None:
    """Log and benchmark; as snakemake does where they stand in a rule, paths of a module's rules get its prefix."""
    rule.log_modifier = rule.benchmark_modifier = rule.output_modifier
    if not rule.log:
        rule.set_log(f"{paths.LOGS}/{place}.log")
    if rule.benchmark is None:
        rule.benchmark = f"{paths.BENCHMARKS}/{place}.tsv"


def _add_resources(rule: Rule) -> None:
    """Memory and time of a small job, unless the rule or the command line says more."""
    _, said = rule.ruleinfo.resources or ((), {})
    settings = rule.workflow.resource_settings
    given = {**said, **settings._parsed_overwrite_resources.get(rule.name, {})}
    rule.resources.update(Resources.from_mapping({k: v for k, v in request(rule.name).items() if k not in given}))
