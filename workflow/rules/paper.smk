rule plot_task:
    input:
        scores=lambda wildcards: plan.score_tables(task=wildcards.task),
    output:
        pdf="results/figures/{task}.pdf",
        png=report(
            "results/figures/{task}.png",
            category="Tasks",
            labels={"task": "{task}"},
            caption="../report/task.rst",
        ),
    log:
        "results/logs/plot_task/{task}.log",
    benchmark:
        "results/benchmarks/plot_task/{task}.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code_of("plot_task"),
        title=lambda wildcards: plan.title(wildcards.task),
    message:
        "Drawing the scores of {wildcards.task}"
    script:
        "../../scripts/plot_task.py"


rule plot_reconstruction:
    input:
        observations="results/{structure}/{task}/observations.npz",
        reconstruction="results/{structure}/{task}/dps.npz",
        scores=plan.compared_scores,
        cloud="results/{structure}/cloud.npz",
        atoms=plan.atoms,
    output:
        pdf="results/figures/reconstructions/{structure}_{task}.pdf",
        png=report(
            "results/figures/reconstructions/{structure}_{task}.png",
            category="Reconstructions",
            labels={"structure": "{structure}", "task": "{task}"},
            caption="../report/reconstruction.rst",
        ),
    log:
        "results/logs/plot_reconstruction/{structure}/{task}.log",
    benchmark:
        "results/benchmarks/plot_reconstruction/{structure}/{task}.tsv"
    wildcard_constraints:
        structure="pdb_[0-9A-Za-z]{8}|[^/_]+",
    conda:
        "../../envs/figures.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(15),
    params:
        code=code_of("plot_reconstruction"),
    message:
        "Drawing the reconstruction of {wildcards.structure} given {wildcards.task}"
    script:
        "../../scripts/plot_reconstruction.py"
