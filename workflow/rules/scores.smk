rule score_reconstruction:
    input:
        reconstruction=plan.outputs.reconstruction,
        truth="results/{structure}/{task}/truth.npz",
        cloud="results/{structure}/cloud.npz",
        atoms=plan.structures.atoms,
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
        code=code_of("scoring/score_reconstruction"),
        alignment=settings.alignment,
    message:
        "Scoring {wildcards.method} on {wildcards.structure}, {wildcards.task}"
    script:
        "../../scripts/scoring/score_reconstruction.py"


# does the spread of the samples say how wrong they are?
rule calibrate_reconstruction:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud="results/{structure}/cloud.npz",
    output:
        "results/{structure}/{task}/{method}.calibration.csv",
    log:
        "results/logs/calibrate_reconstruction/{structure}/{task}/{method}.log",
    benchmark:
        "results/benchmarks/calibrate_reconstruction/{structure}/{task}/{method}.tsv"
    conda:
        "../../envs/scores.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        code=code_of("scoring/calibrate_reconstruction"),
    message:
        "Calibrating {wildcards.method} on {wildcards.structure}, {wildcards.task}"
    script:
        "../../scripts/scoring/calibrate_reconstruction.py"


rule collect_structure:
    input:
        plan.checks.structure,
        scores=plan.outputs.structure_scores,
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
        code=code_of("scoring/collect_structure"),
    message:
        "Collecting the scores of {wildcards.structure}"
    script:
        "../../scripts/scoring/collect_structure.py"


rule collect_scores:
    input:
        scores=plan.outputs.structure_tables(),
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
        code=code_of("scoring/collect_scores"),
    message:
        "Collecting the scores of all structures"
    script:
        "../../scripts/scoring/collect_scores.py"


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
        code=code_of("scoring/summarise"),
        tasks=plan.tasks.benchmarked,
    message:
        "Summarising the scores"
    script:
        "../../scripts/scoring/summarise.py"


rule collect_entries:
    input:
        scores="results/tables/scores.csv",
        coverage=plan.outputs.coverage(),
    output:
        report(
            "results/tables/entries.csv",
            category="Tables",
            labels={"table": "entries"},
            caption="../report/entries.rst",
        ),
    log:
        "results/logs/collect_entries.log",
    benchmark:
        "results/benchmarks/collect_entries.tsv"
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        code=code_of("scoring/collect_entries"),
    message:
        "Collecting the scores by entry, with those of the chosen models"
    script:
        "../../scripts/scoring/collect_entries.py"


rule collect_coverage:
    input:
        plan.outputs.calibrations(),
    output:
        "results/tables/coverage.csv",
    log:
        "results/logs/collect_coverage.log",
    benchmark:
        "results/benchmarks/collect_coverage.tsv"
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        code=code_of("scoring/collect_coverage"),
    message:
        "Collecting the calibrations of all reconstructions"
    script:
        "../../scripts/scoring/collect_coverage.py"


rule summarise_calibration:
    input:
        "results/tables/coverage.csv",
    output:
        report(
            "results/tables/calibration.csv",
            category="Tables",
            labels={"table": "calibration"},
            caption="../report/calibration_table.rst",
        ),
    log:
        "results/logs/summarise_calibration.log",
    benchmark:
        "results/benchmarks/summarise_calibration.tsv"
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        code=code_of("scoring/summarise_calibration"),
        tasks=plan.tasks.benchmarked,
    message:
        "Summarising the calibrations"
    script:
        "../../scripts/scoring/summarise_calibration.py"
