# specimens of one's own: images, a map, a part; no truth anywhere
rule measure_own:
    input:
        plan.own.inputs,
    output:
        paths.OWN_MEASUREMENTS,
    params:
        reading=plan.own.reading,
    script:
        "../../scripts/own/measure_own.py"


# poses of another convention, or a map of another hand, fit worse than these
rule compare_own_readings:
    input:
        paths.OWN_MEASUREMENTS,
    output:
        paths.OWN_READINGS,
    params:
        seed=settings.seed,
    script:
        "../../scripts/own/compare_own_readings.py"


# one rule per method: reconstruct_own_dps, ...
for method in map(METHODS.get, names("sampler", "baseline")):
    run_like(workflow, f"reconstruct_own_{method.name}", f"reconstruct_{method.name}", grouped=False)

    rule:
        name:
            f"reconstruct_own_{method.name}"
        input:
            measurements=paths.OWN_MEASUREMENTS,
            prior=plan.priors.prior_files if method.needs_prior else [],
            initial=plan.own.initial(method.name),
        output:
            paths.OWN_MODELS.replace("{method}", method.name),
        resources:
            gpu=plan.priors.gpu if method.needs_prior else 0,
            mem_mb=growing(8000 if method.needs_prior else 4000),
            runtime=growing(240),
        params:
            **sampling,
            likelihood=settings.likelihood.deciding(),
            code=code.of("own/reconstruct_own", method.module),
            method=method.name,
            settings=getattr(settings, method.name).deciding(),
            own=plan.own.reconstruction,
            seed=settings.seed,
            precision=settings.execution.precision if method.needs_prior else "float32",
        script:
            "../../scripts/own/reconstruct_own.py"


rule export_own:
    input:
        measurements=paths.OWN_MEASUREMENTS,
        models=paths.OWN_MODELS,
    output:
        paths.OWN_OUTPUTS,
    script:
        "../../scripts/own/export_own.py"


rule place_homologue:
    input:
        paths.OWN_MEASUREMENTS,
    output:
        paths.OWN_HOMOLOGUE,
    script:
        "../../scripts/own/place_homologue.py"


rule report_own:
    input:
        measurements=paths.OWN_MEASUREMENTS,
        readings=paths.OWN_READINGS,
        models=plan.own.models,
        unconditional=plan.own.unconditional,
        learnt=plan.own.learnt,
    output:
        paths.OWN_PAGE,
    params:
        methods=plan.own.methods,
        own=plan.own.reconstruction,
        prior=plan.own.prior_name,
    script:
        "../../scripts/own/report_own.py"
