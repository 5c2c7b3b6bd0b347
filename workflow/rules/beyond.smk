# beyond the paper: which guidance strength, and what noise costs


# on validation clusters of the training list: α is chosen without a look at the tested structures
rule sweep_alpha:
    input:
        plan.checks.sweep,
        observations="results/{structure}/{task}/observations.npz",
        cloud="results/{structure}/cloud.npz",
        prior=plan.priors.prior_files,
    output:
        "results/alpha_sweep/{structure}/{task}/{alpha}.csv",
    log:
        "results/logs/sweep_alpha/{structure}/{task}/{alpha}.log",
    benchmark:
        "results/benchmarks/sweep_alpha/{structure}/{task}/{alpha}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=plan.priors.gpu,
        mem_mb=16000,
        runtime=240,
    params:
        code=code_of("reconstruction/sweep_alpha"),
        energy=settings.energy,
        # not of α: all start from the same noise
        key=lambda wildcards: [
            settings.seed,
            wildcards.structure,
            wildcards.task,
            "alpha_sweep",
        ],
        samples=settings.alpha_sweep.samples,
        steps=plan.experiments.sweep_steps,
        beta=plan.tasks.beta,
        dps=settings.dps.deciding(without=("steps",)),
        precision=settings.execution.precision,
    message:
        "Sampling {wildcards.structure} given {wildcards.task} with α = {wildcards.alpha} (gpu={resources.gpu})"
    script:
        "../../scripts/reconstruction/sweep_alpha.py"


rule collect_alpha_sweep:
    input:
        scores=plan.experiments.sweep_scores,
        baselines=plan.experiments.sweep_baselines,
    output:
        "results/alpha_sweep/scores.csv",
    log:
        "results/logs/collect_alpha_sweep.log",
    benchmark:
        "results/benchmarks/collect_alpha_sweep.tsv"
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        code=code_of("scoring/collect_alpha_sweep"),
    message:
        "Collecting the scores at all guidance strengths"
    script:
        "../../scripts/scoring/collect_alpha_sweep.py"


rule plot_alpha_sweep:
    input:
        "results/alpha_sweep/scores.csv",
    output:
        pdf="results/alpha_sweep/alpha_sweep.pdf",
        png=report(
            "results/alpha_sweep/alpha_sweep.png",
            category="Priors",
            labels={"figure": "guidance strength"},
            caption="../report/alpha_sweep.rst",
        ),
    log:
        "results/logs/plot_alpha_sweep.log",
    benchmark:
        "results/benchmarks/plot_alpha_sweep.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code_of("output/plot_alpha_sweep"),
        chosen=lambda wildcards: plan.experiments.sweep_chosen(),
        titles=lambda wildcards: plan.tasks.titles(settings.alpha_sweep.tasks),
    message:
        "Drawing the scores against the guidance strength"
    script:
        "../../scripts/output/plot_alpha_sweep.py"


rule plot_noise:
    input:
        scores=plan.experiments.noise_scores,
    output:
        pdf="results/figures/noise/{task}.pdf",
        png=report(
            "results/figures/noise/{task}.png",
            category="Tasks",
            labels={"task": "{task}, against noise"},
            caption="../report/noise.rst",
        ),
    log:
        "results/logs/plot_noise/{task}.log",
    benchmark:
        "results/benchmarks/plot_noise/{task}.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code_of("output/plot_noise"),
        noise=plan.experiments.noise_levels,
        title=plan.tasks.title,
    message:
        "Drawing the scores of {wildcards.task} against noise"
    script:
        "../../scripts/output/plot_noise.py"
