for scope in plan.datasets.scopes:
    run_like(workflow, f"score_reconstruction{scope.suffix}", "score_reconstruction")

    rule:
        name:
            f"score_reconstruction{scope.suffix}"
        input:
            plan.checks.structure,
            reconstructions=plan.outputs.reconstructions,
            truths=scope.files(paths.models_of("truth")),
            cloud=paths.CLOUD,
            atoms=plan.structures.atoms,
        output:
            scope.made(paths.SCORES),
        params:
            tasks=plan.tasks.names,
            alignment=settings.alignment,
        script:
            "../../scripts/scoring/score_reconstruction.py"


# does the spread of the samples say how wrong they are?
rule calibrate_reconstruction:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud=paths.CLOUD,
    output:
        paths.CALIBRATION,
    script:
        "../../scripts/scoring/calibrate_reconstruction.py"
