rule synthesise_observations:
    input:
        cloud="results/{structure}/cloud.npz",
        atoms=plan.tasks.subunit_atoms,
    output:
        "results/{structure}/{task}/observations.npz",
    log:
        "results/logs/synthesise_observations/{structure}/{task}.log",
    benchmark:
        "results/benchmarks/synthesise_observations/{structure}/{task}.tsv"
    conda:
        "../../envs/structures.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        code=code_of("measurements/synthesise_observations"),
        measured=plan.tasks.measured,
        draws=plan.tasks.draws,
        seed=settings.seed,
    message:
        "Measuring {wildcards.structure} as {wildcards.task} asks"
    script:
        "../../scripts/measurements/synthesise_observations.py"
