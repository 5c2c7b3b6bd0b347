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


rule read_atoms:
    input:
        paths.DEPOSIT,
    output:
        plan.datasets.of_molecules(paths.ATOMS),
    params:
        assembly=settings.structures.assembly,
    script:
        "../../scripts/structures/read_atoms.py"


rule coarse_grain_structure:
    input:
        paths.ATOMS,
    output:
        cloud=plan.datasets.of_molecules(paths.CLOUD),
        report=plan.datasets.of_molecules(paths.CLOUD_REPORT),
    params:
        components=settings.coarse_grain.components,
        fit=settings.coarse_grain.deciding(without=("components",)),
        seed=settings.seed,
    script:
        "../../scripts/structures/coarse_grain_structure.py"


# another fit of the same structure: as near to the truth as two fits are to each other
rule fit_again:
    input:
        cloud=paths.CLOUD,
        atoms=plan.structures.atoms,
    output:
        paths.SECOND_FIT,
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
        structure="|".join(sorted(plan.structures.bundled)) or "(?!)",
    localrule: True
    params:
        components=settings.coarse_grain.components,
    script:
        "../../scripts/structures/copy_bundled_cloud.py"


ruleorder: copy_bundled_cloud > coarse_grain_structure
