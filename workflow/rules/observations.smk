rule synthesise_observations:
    input:
        cloud=paths.CLOUD,
        atoms=plan.tasks.subunit_atoms,
    output:
        paths.OBSERVATIONS,
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=1000, runtime=10),
    params:
        measured=plan.tasks.measured,
        draws=plan.tasks.draws,
        seed=settings.seed,
    message:
        "Measuring {wildcards.structure} as {wildcards.task} asks"
    script:
        "../../scripts/measurements/synthesise_observations.py"
