# beyond the paper: which guidance strength, and what noise costs


# on validation clusters of the training list: α is chosen without a look at the tested structures
rule sweep_alpha:
    input:
        plan.sweep_checked,
        observations="results/{structure}/{task}/observations.npz",
        cloud="results/{structure}/cloud.npz",
        prior=plan.priors.prior_files,
    output:
        "results/alpha_sweep/{structure}/{task}/{alpha}.csv",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=plan.priors.gpu,
        mem_mb=16000,
        runtime=240,
    params:
        energy=settings.energy,
        settings=settings_of("dps"),
        problem=plan.sweep_problem,
        precision=settings.dps.precision,
        execution=execution,
    message:
        "Sampling {wildcards.structure} given {wildcards.task} with α = {wildcards.alpha} (gpu={resources.gpu})"
    script:
        "../../scripts/reconstruction/sweep_alpha.py"


use rule collect_scores as collect_alpha_sweep with:
    input:
        plan.sweep_scores,
        plan.sweep_baselines,
    output:
        "results/alpha_sweep/scores.csv",
    params:
        columns=plan.SWEEP_COLUMNS,
    message:
        "Collecting the scores at all guidance strengths"


rule plot_alpha_sweep:
    input:
        "results/alpha_sweep/scores.csv",
    output:
        **figure(
            "results/alpha_sweep/alpha_sweep",
            "Priors",
            {"figure": "guidance strength"},
            "alpha_sweep",
        ),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        chosen=lambda wildcards: {
            task: plan.strength(settings.tasks[task])
            for task in settings.alpha_sweep.tasks
        },
        titles=lambda wildcards: {
            task: settings.tasks[task].title or task
            for task in settings.alpha_sweep.tasks
        },
    message:
        "Drawing the scores against the guidance strength"
    script:
        "../../scripts/output/plot_alpha_sweep.py"


rule plot_noise:
    input:
        scores=plan.noise_scores,
    output:
        **figure(
            "results/figures/noise/{task}",
            "Tasks",
            {"task": "{task}, against noise"},
            "noise",
        ),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        noise=lambda wildcards: {
            task: settings.tasks[task].noise
            for task in plan.noise_series(wildcards.task)
        },
        title=plan.title,
    message:
        "Drawing the scores of {wildcards.task} against noise"
    script:
        "../../scripts/output/plot_noise.py"
