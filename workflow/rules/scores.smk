rule score_reconstruction:
    input:
        reconstruction=plan.method,
        truth="results/{structure}/{task}/truth.npz",
        cloud="results/{structure}/cloud.npz",
        atoms=plan.atoms,
    output:
        "results/{structure}/{task}/{method}.csv",
    log:
        "results/logs/score_reconstruction/{structure}/{task}/{method}.log",
    benchmark:
        "results/benchmarks/score_reconstruction/{structure}/{task}/{method}.tsv"
    conda:
        "../../envs/scores.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(20),
    params:
        code=code_of("score_reconstruction"),
    message:
        "Scoring {wildcards.method} on {wildcards.structure}, {wildcards.task}"
    script:
        "../../scripts/score_reconstruction.py"


rule export_models:
    input:
        reconstruction=plan.method,
        cloud="results/{structure}/cloud.npz",
    output:
        "results/{structure}/{task}/{method}.cif",
    log:
        "results/logs/export_models/{structure}/{task}/{method}.log",
    benchmark:
        "results/benchmarks/export_models/{structure}/{task}/{method}.tsv"
    conda:
        "../../envs/scores.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        code=code_of("export_models"),
        title=lambda wildcards: plan.title(wildcards.task),
    message:
        "Writing the models of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/export_models.py"


rule collect_structure:
    input:
        plan.checked,
        scores=lambda wildcards: plan.score_tables(structure=wildcards.structure),
    output:
        "results/{structure}/rmsd.csv",
    log:
        "results/logs/collect_structure/{structure}.log",
    benchmark:
        "results/benchmarks/collect_structure/{structure}.tsv"
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        code=code_of("collect_structure"),
    message:
        "Collecting the scores of {wildcards.structure}"
    script:
        "../../scripts/collect_structure.py"


rule collect_scores:
    input:
        scores=[f"results/{structure}/rmsd.csv" for structure in plan.entries],
    output:
        report(
            "results/tables/scores.csv",
            category="Tables",
            labels={"table": "all"},
            caption="../report/scores.rst",
        ),
    log:
        "results/logs/collect_scores.log",
    benchmark:
        "results/benchmarks/collect_scores.tsv"
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        code=code_of("collect_scores"),
    message:
        "Collecting the scores of all structures"
    script:
        "../../scripts/collect_scores.py"


rule summarise:
    input:
        "results/tables/scores.csv",
    output:
        report(
            "results/tables/summary.csv",
            category="Tables",
            labels={"table": "summary"},
            caption="../report/summary.rst",
        ),
    log:
        "results/logs/summarise.log",
    benchmark:
        "results/benchmarks/summarise.tsv"
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        code=code_of("summarise"),
    message:
        "Summarising the scores"
    script:
        "../../scripts/summarise.py"
