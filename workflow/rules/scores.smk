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
        mem_mb=4000,
        runtime=30,
    params:
        code=code_of("score_reconstruction"),
    message:
        "Scoring {wildcards.method} on {wildcards.structure}, {wildcards.task}"
    script:
        "../../scripts/score_reconstruction.py"


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
