rule fetch_structure:
    input:
        plan.checks.structure,
    output:
        plan.datasets.of_molecules(paths.DEPOSIT),
    retries: 1
    localrule: True
    params:
        sources=sources,
    script:
        "../../scripts/structures/fetch_structure.py"


# atoms and cloud follow from the deposit within a minute, and are stale together
FITTED = {"atoms": paths.ATOMS, "cloud": paths.CLOUD, "report": paths.CLOUD_REPORT}


rule coarse_grain_structure:
    input:
        paths.DEPOSIT,
    output:
        **{name: plan.datasets.of_molecules(file, but=plan.structures.bundled_names) for name, file in FITTED.items()},
    params:
        assembly=settings.structures.assembly,
        components=settings.coarse_grain.components,
        fit=settings.coarse_grain.deciding(without=("components",)),
        seed=settings.seed,
    script:
        "../../scripts/structures/coarse_grain_structure.py"


# another fit of the same structure (the control `second_fit`, as near to the truth as two fits are to each other): to its
# atoms, or to the density of a cloud that came without. Its own job, so that the cloud is as it was when it is first asked for
rule fit_again:
    input:
        cloud=paths.CLOUD,
        atoms=plan.structures.atoms,
    output:
        plan.datasets.of_molecules(paths.SECOND_FIT),
    params:
        seed=settings.seed,
    script:
        "../../scripts/structures/fit_again.py"


# a cloud that comes with the repository stands in where no mirror holds the deposit (`make demo` off line)
rule copy_bundled_cloud:
    input:
        plan.structures.bundled_cloud,
    output:
        cloud=paths.CLOUD,
        report=paths.CLOUD_REPORT,
    wildcard_constraints:
        structure=plan.structures.bundled_names,
    localrule: True
    params:
        components=settings.coarse_grain.components,
    script:
        "../../scripts/structures/copy_bundled_cloud.py"
