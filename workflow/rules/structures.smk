rule fetch_structure:
    input:
        plan.checks.structure,
    output:
        "results/deposits/{structure}.cif.gz",
    log:
        "results/logs/fetch_structure/{structure}.log",
    benchmark:
        "results/benchmarks/fetch_structure/{structure}.tsv"
    retries: 1
    localrule: True
    conda:
        "../../envs/structures.yaml"
    params:
        # not the mirrors: a deposit is the same wherever it comes from
        code=code_of("structures/fetch_structure"),
    message:
        "Fetching the deposit of {wildcards.structure}"
    script:
        "../../scripts/structures/fetch_structure.py"


rule read_atoms:
    input:
        "results/deposits/{structure}.cif.gz",
    output:
        "results/{structure}/atoms.npz",
    log:
        "results/logs/read_atoms/{structure}.log",
    benchmark:
        "results/benchmarks/read_atoms/{structure}.tsv"
    conda:
        "../../envs/structures.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(15),
    params:
        code=code_of("structures/read_atoms"),
        assembly=settings.structures.assembly,
    message:
        "Reading the heavy atoms of {wildcards.structure}"
    script:
        "../../scripts/structures/read_atoms.py"


rule coarse_grain_structure:
    input:
        "results/{structure}/atoms.npz",
    output:
        cloud="results/{structure}/cloud.npz",
        report="results/{structure}/cloud.json",
    log:
        "results/logs/coarse_grain_structure/{structure}.log",
    benchmark:
        "results/benchmarks/coarse_grain_structure/{structure}.tsv"
    conda:
        "../../envs/structures.yaml"
    resources:
        mem_mb=growing(8000),
        runtime=growing(120),
    params:
        code=code_of("structures/coarse_grain_structure"),
        mixture=settings.coarse_grain.model_dump(),
        seed=settings.seed,
    message:
        "Fitting a mixture to the atoms of {wildcards.structure}"
    script:
        "../../scripts/structures/coarse_grain_structure.py"


# a cloud that comes with the repository stands in where no mirror holds the deposit (`make demo` off line)
rule copy_bundled_cloud:
    input:
        plan.structures.bundled_cloud,
    output:
        cloud="results/{structure}/cloud.npz",
        report="results/{structure}/cloud.json",
    log:
        "results/logs/copy_bundled_cloud/{structure}.log",
    benchmark:
        "results/benchmarks/copy_bundled_cloud/{structure}.tsv"
    wildcard_constraints:
        structure="|".join(sorted(plan.structures.bundled)) or "(?!)",
    localrule: True
    conda:
        "../../envs/structures.yaml"
    params:
        code=code_of("structures/copy_bundled_cloud"),
        components=settings.coarse_grain.components,
    message:
        "Taking the bundled cloud of {wildcards.structure}"
    script:
        "../../scripts/structures/copy_bundled_cloud.py"


ruleorder: copy_bundled_cloud > coarse_grain_structure
