"""Print every rule of the Snakefile that is named, as JSON: what it runs and how, after all has been filled in."""

import json
import sys
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.settings.types import OutputSettings, Quietness, ResourceSettings


def described(rule, workflow) -> dict:
    """What tests ask of a rule."""
    return {
        "script": None if rule.script is None else "/".join(Path(rule.script).parts[-2:]),
        "environment": rule.conda_env and Path(rule.conda_env).name,
        "message": rule.message,
        "log": bool(rule.log),
        "benchmark": bool(rule.benchmark),
        "params": sorted(rule.params.keys()),
        "resources": sorted(rule.resources.keys()),
        "gpu": "gpu" in rule.resources and rule.resources["gpu"].is_evaluable(),
        "local": rule.name in workflow._localrules or rule.norun,
    }


with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
    place = api.workflow(resource_settings=ResourceSettings(cores=1), snakefile=Path(sys.argv[1]))
    workflow = place._get_workflow(check_envvars=False)
    workflow.include(place.snakefile, overwrite_default_target=True, print_compilation=False)
    print(json.dumps({rule.name: described(rule, workflow) for rule in workflow.rules}))
