# beyond the paper: which guidance strength, and what noise costs


# on validation clusters of the training list: α is chosen without a look at the tested structures
rule sweep_alpha:
    input:
        plan.checks.sweep,
        observations=paths.OBSERVATIONS,
        cloud=paths.CLOUD,
        prior=plan.priors.prior_files,
    output:
        paths.SWEEP_SCORES,
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=plan.priors.gpu,
        mem_mb=16000,
        runtime=240,
    params:
        energy=settings.energy,
        likelihood=settings.likelihood.deciding(),
        runs=plan.experiments.sweep_runs,
        precision=settings.execution.precision,
        execution=execution,
    message:
        "Sampling {wildcards.structure} given {wildcards.task} with α = {wildcards.alpha} (gpu={resources.gpu})"
    script:
        "../../scripts/reconstruction/sample_and_score.py"


use rule collect_scores as collect_alpha_sweep with:
    input:
        plan.experiments.sweep_scores,
        plan.experiments.sweep_baselines,
    output:
        paths.ALL_SWEEP_SCORES,
    localrule: True
    params:
        columns=SWEEP_COLUMNS,
    message:
        "Collecting the scores at all guidance strengths"


rule plot_alpha_sweep:
    input:
        paths.ALL_SWEEP_SCORES,
    output:
        **figure(
            paths.SWEEP_FIGURE,
            "Priors",
            {"figure": "guidance strength"},
            "alpha_sweep",
        ),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        chosen=lambda wildcards: plan.experiments.sweep_chosen(),
        titles=lambda wildcards: plan.experiments.sweep_titles(),
    message:
        "Drawing the scores against the guidance strength"
    script:
        "../../scripts/output/plot_alpha_sweep.py"


rule plot_noise:
    input:
        scores=plan.experiments.noise_scores,
    output:
        **figure(
            paths.NOISE_FIGURE,
            "Tasks",
            {"task": "{task}, against noise"},
            "noise",
        ),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        noise=plan.experiments.noise_levels,
        title=plan.tasks.title,
    message:
        "Drawing the scores of {wildcards.task} against noise"
    script:
        "../../scripts/output/plot_noise.py"
