rule synthesise_observations:
    input:
        cloud="results/{structure}/cloud.npz",
        atoms=plan.subunit_atoms,
    output:
        "results/{structure}/{task}/observations.npz",
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=1000, runtime=10),
    params:
        measured=lambda wildcards: plan.task(wildcards).model_dump(
            include={*MEASURED, "noise"}
        ),
        draws=plan.draws,
        seed=settings.seed,
    message:
        "Measuring {wildcards.structure} as {wildcards.task} asks"
    script:
        "../../scripts/measurements/synthesise_observations.py"
