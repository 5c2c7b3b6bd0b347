# of a molecule in one task, or of a shape in all tasks of its data set
for scope in plan.datasets.scopes:
    run_like(workflow, f"synthesise_observations{scope.suffix}", "synthesise_observations")

    rule:
        name:
            f"synthesise_observations{scope.suffix}"
        input:
            cloud=paths.CLOUD,
            atoms=plan.tasks.subunit_atoms,
        output:
            scope.made(paths.OBSERVATIONS),
        params:
            measurements=plan.tasks.measurements,
            seed=settings.seed,
        script:
            "../../scripts/measurements/synthesise_observations.py"
