# one rule per method of the registry (pointprior.methods) that has code of its own: reconstruct_dps, reconstruct_ml ...,
# and one per data set of shapes: reconstruct_dps_shapenet_chair ...
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
            scope.files(paths.models_of(method.name)),
        wildcard_constraints:
            structure=scope.structure,
        conda:
            "../../envs/torch.yaml"
        # one thread: the same numbers whatever the cores; a profile gives more where matchings are the bottleneck
        threads: 1
        resources:
            gpu=plan.priors.gpu if method.needs_prior else 0,
            mem_mb=growing(8000 if method.needs_prior else 4000),
            runtime=growing(scope.minutes(120)),
        params:
            code=code_of("reconstruction/reconstruct", method.module),
            method=method.name,
            settings=settings_of(method.name),
            problems=plan.tasks.problems(method.name),
            energy=settings.energy,
            likelihood=settings.likelihood.deciding(),
            integrator=settings.dps.integrator,
            precision=settings.execution.precision if method.needs_prior else "float32",
            execution=execution,
        message:
            f"Reconstructing {{wildcards.structure}} given {scope.task} by {method.label} (gpu={{resources.gpu}})"
        script:
            "../../scripts/reconstruction/reconstruct.py"


for scope in plan.datasets.scopes:
    run_like(workflow, f"copy_prior{scope.suffix}", "copy_prior")
    run_like(workflow, f"copy_truth{scope.suffix}", "copy_truth")

    rule:
        name:
            f"copy_prior{scope.suffix}"
        input:
            samples=plan.priors.unconditional,
            observations=scope.files(paths.OBSERVATIONS),
        output:
            scope.files(paths.models_of("prior")),
        wildcard_constraints:
            structure=scope.structure,
        conda:
            "../../envs/torch.yaml"
        resources:
            **least(mem_mb=2000, runtime=10),
        params:
            energy=settings.energy,
        message:
            f"Taking the energy of the prior's samples for {{wildcards.structure}} in {scope.task}"
        script:
            "../../scripts/reconstruction/copy_prior.py"

    # control: the truth itself, which must score 0; its energy stands in every score table
    rule:
        name:
            f"copy_truth{scope.suffix}"
        input:
            cloud=paths.CLOUD,
            observations=scope.files(paths.OBSERVATIONS),
        output:
            scope.files(paths.models_of("truth")),
        wildcard_constraints:
            structure=scope.structure,
        conda:
            "../../envs/torch.yaml"
        resources:
            **least(mem_mb=1500, runtime=10),
        params:
            energy=settings.energy,
        message:
            f"Taking the energy of the true {{wildcards.structure}} in {scope.task}"
        script:
            "../../scripts/reconstruction/copy_truth.py"


# control: a second fit of the structure, scored as a model: no model can be expected to be nearer to the truth
use rule copy_truth as copy_second_fit with:
    input:
        cloud=paths.SECOND_FIT,
        observations=[paths.OBSERVATIONS],
    output:
        paths.models_of("second_fit"),
    message:
        "Taking the energy of a second fit of {wildcards.structure} in {wildcards.task}"
