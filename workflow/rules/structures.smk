rule fetch_structure:
    input:
        plan.checks.structure,
    output:
        paths.DEPOSIT,
    wildcard_constraints:
        structure=plan.datasets.molecules,
    retries: 1
    localrule: True
    conda:
        "../../envs/structures.yaml"
    params:
        sources=sources,
    message:
        "Fetching the deposit of {wildcards.structure}"
    script:
        "../../scripts/structures/fetch_structure.py"


rule read_atoms:
    input:
        paths.DEPOSIT,
    output:
        paths.ATOMS,
    wildcard_constraints:
        structure=plan.datasets.molecules,
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=4000, runtime=15),
    params:
        assembly=settings.structures.assembly,
    message:
        "Reading the heavy atoms of {wildcards.structure}"
    script:
        "../../scripts/structures/read_atoms.py"


rule coarse_grain_structure:
    input:
        paths.ATOMS,
    output:
        cloud=paths.CLOUD,
        report=paths.CLOUD_REPORT,
    wildcard_constraints:
        structure=plan.datasets.molecules,
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=8000, runtime=120),
    params:
        mixture=settings.coarse_grain.model_dump(),
        seed=settings.seed,
    message:
        "Fitting a mixture to the atoms of {wildcards.structure}"
    script:
        "../../scripts/structures/coarse_grain_structure.py"


# another fit of the same structure: as near to the truth as two fits are to each other
rule fit_again:
    input:
        cloud=paths.CLOUD,
        atoms=plan.structures.atoms,
    output:
        paths.SECOND_FIT,
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=4000, runtime=30),
    params:
        seed=settings.seed,
    message:
        "Fitting a second mixture to {wildcards.structure}"
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
    conda:
        "../../envs/structures.yaml"
    params:
        components=settings.coarse_grain.components,
    message:
        "Taking the bundled cloud of {wildcards.structure}"
    script:
        "../../scripts/structures/copy_bundled_cloud.py"


ruleorder: copy_bundled_cloud > coarse_grain_structure
