rule score_reconstruction:
    input:
        reconstruction=plan.method,
        truth="results/{structure}/{task}/truth.npz",
        cloud="results/{structure}/cloud.npz",
        atoms=plan.atoms,
    output:
        "results/{structure}/{task}/{method}.csv",
    conda:
        "../../envs/scores.yaml"
    resources:
        **least(mem_mb=1500, runtime=20),
    params:
        alignment=settings.alignment,
    message:
        "Scoring {wildcards.method} on {wildcards.structure}, {wildcards.task}"
    script:
        "../../scripts/scoring/score_reconstruction.py"


# does the spread of the samples say how wrong they are?
rule calibrate_reconstruction:
    input:
        reconstruction=plan.method,
        cloud="results/{structure}/cloud.npz",
    output:
        "results/{structure}/{task}/{method}.calibration.csv",
    conda:
        "../../envs/scores.yaml"
    resources:
        **least(mem_mb=2000, runtime=10),
    message:
        "Calibrating {wildcards.method} on {wildcards.structure}, {wildcards.task}"
    script:
        "../../scripts/scoring/calibrate_reconstruction.py"


rule collect_scores:
    input:
        plan.structure_tables(),
    output:
        table("scores", "all", caption="scores"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    message:
        "Collecting the scores of all structures"
    script:
        "../../scripts/scoring/join_tables.py"


use rule collect_scores as collect_structure with:
    input:
        plan.checked,
        plan.structure_scores,
    output:
        "results/{structure}/rmsd.csv",
    message:
        "Collecting the scores of {wildcards.structure}"


use rule collect_scores as collect_coverage with:
    input:
        plan.calibrations(),
    output:
        "results/tables/coverage.csv",
    message:
        "Collecting the calibrations of all reconstructions"


rule summarise:
    input:
        "results/tables/scores.csv",
    output:
        table("summary", "summary", caption="summary"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        tasks=plan.benchmarked,
    message:
        "Summarising the scores"
    script:
        "../../scripts/scoring/summarise.py"


rule collect_entries:
    input:
        scores="results/tables/scores.csv",
        coverage=plan.coverage(),
    output:
        table("entries", "entries", caption="entries"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    message:
        "Collecting the scores by entry, with those of the chosen models"
    script:
        "../../scripts/scoring/collect_entries.py"


rule summarise_calibration:
    input:
        "results/tables/coverage.csv",
    output:
        table("calibration", "calibration", caption="calibration_table"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        tasks=plan.benchmarked,
    message:
        "Summarising the calibrations"
    script:
        "../../scripts/scoring/summarise_calibration.py"
