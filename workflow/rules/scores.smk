# all methods that are compared on a structure in a task, in one table; what is unchanged in it is not scored again, so it
# is updated, not replaced. Of molecules, does the spread of their samples say how wrong they are? That is another
for scope in plan.datasets.scopes:
    run_like(workflow, f"score_task{scope.suffix}", "score_task")

    rule:
        name:
            f"score_task{scope.suffix}"
        input:
            plan.checks.structure,
            models=plan.outputs.compared_samples,
            observations=scope.files(paths.OBSERVATIONS),
            cloud=paths.CLOUD,
            atoms=plan.structures.atoms,
        output:
            scores=list(map(update, scope.made(paths.TASK_SCORES))),
            coverage=[update(file) for made in plan.outputs.task_coverage(scope) for file in scope.made(made)],
        conda:
            "../../envs/torch.yaml"
        resources:
            runtime=growing(scope.minutes(40)),
        params:
            tasks=plan.tasks.names,
            methods=plan.outputs.compared,
            calibrated=plan.outputs.spreading,
            energy=settings.energy,
            alignment=settings.alignment,
        script:
            "../../scripts/scoring/score_reconstruction.py"


# one method alone, where it is asked for or the configuration does not compare it
for scope in plan.datasets.scopes:
    run_like(workflow, f"score_reconstruction{scope.suffix}", "score_reconstruction")

    rule:
        name:
            f"score_reconstruction{scope.suffix}"
        input:
            plan.checks.structure,
            models=plan.outputs.reconstructions,
            observations=scope.files(paths.OBSERVATIONS),
            cloud=paths.CLOUD,
            atoms=plan.structures.atoms,
        output:
            scores=scope.made(paths.SCORES),
        conda:
            "../../envs/torch.yaml"
        params:
            tasks=plan.tasks.names,
            methods=lambda wildcards: [wildcards.method],
            energy=settings.energy,
            alignment=settings.alignment,
        script:
            "../../scripts/scoring/score_reconstruction.py"
