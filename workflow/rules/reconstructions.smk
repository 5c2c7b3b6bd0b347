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
        priority: plan.outputs.urgency(method.name)
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


# controls: the truth, which must score 0; a second fit of it, to which no model can be expected to be nearer; and the
# prior's samples without any measurement. Scores, tables and pages take their points from where they are; these are
# made when asked for
for scope, control in product(plan.datasets.scopes, ("truth", "second_fit", "prior")):
    if scope.of_shapes and control == "second_fit":
        continue
    run_like(workflow, f"copy_{control}{scope.suffix}", f"copy_{control}")

    rule:
        name:
            f"copy_{control}{scope.suffix}"
        input:
            points=lambda wildcards, control=control: plan.outputs.presented(wildcards.structure, control).format(
                structure=wildcards.structure
            ),
            observations=scope.files(paths.OBSERVATIONS),
        output:
            scope.made(paths.models_of(control)),
        params:
            energy=settings.energy,
        script:
            "../../scripts/reconstruction/copy_control.py"
