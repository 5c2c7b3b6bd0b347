# of a molecule in one task, or of a shape in all tasks of its data set
for scope in plan.datasets.scopes:
    run_like(
        workflow, f"synthesise_observations{scope.suffix}", "synthesise_observations"
    )

    rule:
        name:
            f"synthesise_observations{scope.suffix}"
        input:
            cloud=paths.CLOUD,
            atoms=plan.tasks.subunit_atoms,
        output:
            scope.files(paths.OBSERVATIONS),
        wildcard_constraints:
            structure=scope.structure,
        conda:
            "../../envs/structures.yaml"
        resources:
            **least(mem_mb=1000, runtime=10),
        params:
            measurements=plan.tasks.measurements,
            seed=settings.seed,
        message:
            f"Measuring {{wildcards.structure}} as {scope.task} asks"
        script:
            "../../scripts/measurements/synthesise_observations.py"
