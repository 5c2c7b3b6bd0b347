# diffusion posterior sampling with other settings than a task's, from the same noise


# by other integrators (Table 2) and in other numbers of steps (Fig. 6): a job takes a shape in all variants of a task
for experiment in plan.shapes.varied():
    run_like(workflow, f"sample_variants{experiment.suffix}", "sweep_alpha")

    rule:
        name:
            f"sample_variants{experiment.suffix}"
        input:
            observations=experiment.file(paths.OBSERVATIONS),
            cloud=paths.CLOUD,
            prior=plan.priors.prior_files,
        output:
            experiment.files(),
        resources:
            gpu=plan.priors.gpu,
            mem_mb=growing(16000),
            runtime=growing(480),
        params:
            **sampling,
            runs=plan.shapes.runs(experiment),
            precision=settings.execution.precision,
            alignment=settings.alignment,
        script:
            "../../scripts/reconstruction/sample_and_score.py"


# at other guidance strengths, on validation clusters of the training list: α is chosen without a look at the tested structures
rule sweep_alpha:
    input:
        plan.checks.sweep,
        observations=paths.OBSERVATIONS,
        cloud=paths.CLOUD,
        prior=plan.priors.prior_files,
    output:
        paths.SWEEP_SCORES,
    resources:
        gpu=plan.priors.gpu,
    params:
        **sampling,
        runs=plan.experiments.sweep_runs,
        precision=settings.execution.precision,
        alignment=settings.alignment,
    script:
        "../../scripts/reconstruction/sample_and_score.py"
