# one rule per method of the registry (pointprior.methods) that has code of its own: reconstruct_dps, reconstruct_ml ...
for method in METHODS.values():
    if method.module is None:
        continue

    rule:
        name:
            f"reconstruct_{method.name}"
        input:
            observations=paths.OBSERVATIONS,
            prior=plan.priors.prior_files if method.needs_prior else [],
            initial=plan.outputs.initial(method.name),
        output:
            paths.models_of(method.name),
        conda:
            "../../envs/torch.yaml"
        # one thread: the same numbers whatever the cores; a profile gives more where matchings are the bottleneck
        threads: 1
        resources:
            gpu=plan.priors.gpu if method.needs_prior else 0,
            mem_mb=growing(8000 if method.needs_prior else 4000),
            runtime=growing(120),
        params:
            code=code_of("reconstruction/reconstruct", method.module),
            method=method.name,
            settings=settings_of(method.name),
            problem=problem(method.name),
            energy=settings.energy,
            likelihood=settings.likelihood.deciding(),
            integrator=settings.dps.integrator,
            precision=settings.execution.precision if method.needs_prior else "float32",
            execution=execution,
        message:
            f"Reconstructing {{wildcards.structure}} given {{wildcards.task}} by {method.label} (gpu={{resources.gpu}})"
        script:
            "../../scripts/reconstruction/reconstruct.py"


rule copy_prior:
    input:
        samples=paths.UNCONDITIONAL_SAMPLES,
        observations=paths.OBSERVATIONS,
    output:
        paths.models_of("prior"),
    conda:
        "../../envs/torch.yaml"
    resources:
        **least(mem_mb=2000, runtime=10),
    params:
        energy=settings.energy,
    message:
        "Taking the energy of the prior's samples for {wildcards.structure} in {wildcards.task}"
    script:
        "../../scripts/reconstruction/copy_prior.py"


# control: the truth itself, which must score 0; its energy stands in every score table
rule copy_truth:
    input:
        cloud=paths.CLOUD,
        observations=paths.OBSERVATIONS,
    output:
        paths.models_of("truth"),
    conda:
        "../../envs/torch.yaml"
    resources:
        **least(mem_mb=1500, runtime=10),
    params:
        energy=settings.energy,
    message:
        "Taking the energy of the true {wildcards.structure} in {wildcards.task}"
    script:
        "../../scripts/reconstruction/copy_truth.py"


# control: a second fit of the structure, scored as a model: no model can be expected to be nearer to the truth
use rule copy_truth as copy_second_fit with:
    input:
        cloud=paths.SECOND_FIT,
        observations=paths.OBSERVATIONS,
    output:
        paths.models_of("second_fit"),
    message:
        "Taking the energy of a second fit of {wildcards.structure} in {wildcards.task}"
