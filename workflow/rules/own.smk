# specimens of one's own: images, a map, a part; no truth anywhere


rule measure_own:
    input:
        plan.own.inputs,
    output:
        paths.OWN_MEASUREMENTS,
    wildcard_constraints:
        name=plan.own.names,
    conda:
        "../../envs/own.yaml"
    resources:
        **least(mem_mb=4000, runtime=30),
    params:
        reading=plan.own.reading,
    message:
        "Reading the files of {wildcards.name}"
    script:
        "../../scripts/own/measure_own.py"


# poses of another convention, or a map of another hand, fit worse than these
rule compare_own_readings:
    input:
        paths.OWN_MEASUREMENTS,
    output:
        paths.OWN_READINGS,
    wildcard_constraints:
        name=plan.own.names,
    conda:
        "../../envs/own.yaml"
    resources:
        **least(mem_mb=4000, runtime=30),
    params:
        seed=settings.seed,
    message:
        "Reading the poses of {wildcards.name} in other ways"
    script:
        "../../scripts/own/compare_own_readings.py"


# one rule per method with code of its own: reconstruct_own_dps, ...
for method in map(METHODS.get, names("sampler", "baseline")):
    run_like(
        workflow,
        f"reconstruct_own_{method.name}",
        f"reconstruct_{method.name}",
        grouped=False,
    )

    rule:
        name:
            f"reconstruct_own_{method.name}"
        input:
            measurements=paths.OWN_MEASUREMENTS,
            prior=plan.priors.prior_files if method.needs_prior else [],
            initial=plan.own.initial(method.name),
        output:
            paths.OWN_MODELS.replace("{method}", method.name),
        wildcard_constraints:
            name=plan.own.names,
        conda:
            "../../envs/own.yaml"
        threads: 1
        resources:
            gpu=plan.priors.gpu if method.needs_prior else 0,
            mem_mb=growing(8000 if method.needs_prior else 4000),
            runtime=growing(240),
        params:
            code=code_of("own/reconstruct_own", method.module),
            method=method.name,
            settings=settings_of(method.name),
            own=plan.own.reconstruction,
            seed=settings.seed,
            energy=settings.energy,
            likelihood=settings.likelihood.deciding(),
            precision=settings.execution.precision if method.needs_prior else "float32",
            execution=execution,
        message:
            f"Reconstructing {{wildcards.name}} by {method.label} (gpu={{resources.gpu}})"
        script:
            "../../scripts/own/reconstruct_own.py"


rule export_own:
    input:
        measurements=paths.OWN_MEASUREMENTS,
        models=paths.OWN_MODELS,
    output:
        paths.OWN_OUTPUTS,
    wildcard_constraints:
        name=plan.own.names,
    conda:
        "../../envs/own.yaml"
    resources:
        **least(mem_mb=2000, runtime=20),
    message:
        "Writing models, maps and views of {wildcards.name} by {wildcards.method}"
    script:
        "../../scripts/own/export_own.py"


rule report_own:
    input:
        measurements=paths.OWN_MEASUREMENTS,
        readings=paths.OWN_READINGS,
        models=plan.own.models,
        unconditional=plan.own.unconditional,
    output:
        paths.OWN_PAGE,
    wildcard_constraints:
        name=plan.own.names,
    conda:
        "../../envs/own.yaml"
    resources:
        **least(mem_mb=4000, runtime=30),
    params:
        methods=plan.own.methods,
        own=plan.own.reconstruction,
        prior=plan.own.prior_name,
    message:
        "Writing the page about {wildcards.name}"
    script:
        "../../scripts/own/report_own.py"
