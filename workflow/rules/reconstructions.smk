# one rule per method of the registry (pointprior.methods) that has code of its own: reconstruct_dps, reconstruct_ml ...,
# and one per data set of shapes: reconstruct_dps_shapenet_chair ... On one thread, which gives the same numbers whatever
# the cores; a profile gives more where matchings are the bottleneck
for scope, method in product(plan.datasets.scopes, METHODS.values()):
    if method.module is None:
        continue
    run_like(
        workflow,
        f"reconstruct_{method.name}{scope.suffix}",
        f"reconstruct_{method.name}",
        # a sampler's job on a shape is long enough for a SLURM job of its own
        grouped=not method.needs_prior,
    )

    rule:
        name:
            f"reconstruct_{method.name}{scope.suffix}"
        input:
            observations=scope.files(paths.OBSERVATIONS),
            prior=plan.priors.prior_files if method.needs_prior else [],
            initial=scope.all_files(plan.outputs.initial(method.name)),
        output:
            scope.made(paths.models_of(method.name)),
        resources:
            gpu=plan.priors.gpu if method.needs_prior else 0,
            mem_mb=growing(8000 if method.needs_prior else 4000),
            runtime=growing(scope.minutes(120)),
        params:
            **sampling,
            code=code.of("reconstruction/reconstruct", method.module),
            method=method.name,
            settings=getattr(settings, method.name).deciding(),
            problems=plan.tasks.problems(method.name),
            integrator=settings.dps.integrator,
            precision=settings.execution.precision if method.needs_prior else "float32",
        message:
            f"Reconstructing {{wildcards.structure}} given {scope.task} by {method.label} (gpu={{resources.gpu}})"
        script:
            "../../scripts/reconstruction/reconstruct.py"


# controls: the truth, which must score 0 and whose energy stands in every score table; a second fit of it, to which no
# model can be expected to be nearer; and the prior's samples without any measurement. Of which points, and of which kind
CONTROLS = {
    "copy_truth": ("truth", paths.CLOUD),
    "copy_second_fit": ("second_fit", paths.SECOND_FIT),
    "copy_prior": ("prior", plan.priors.unconditional),
}
for scope, (copying, (control, points)) in product(plan.datasets.scopes, CONTROLS.items()):
    run_like(workflow, f"{copying}{scope.suffix}", copying)

    rule:
        name:
            f"{copying}{scope.suffix}"
        input:
            points=points,
            observations=scope.files(paths.OBSERVATIONS),
        output:
            scope.made(paths.models_of(control)),
        params:
            energy=settings.energy,
            clouds=control != "prior",
        script:
            "../../scripts/reconstruction/copy_control.py"
