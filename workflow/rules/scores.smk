for scope in plan.datasets.scopes:
    run_like(workflow, f"score_reconstruction{scope.suffix}", "score_reconstruction")

    rule:
        name:
            f"score_reconstruction{scope.suffix}"
        input:
            plan.checks.structure,
            reconstructions=plan.outputs.reconstructions,
            truths=scope.files(paths.models_of("truth")),
            cloud=paths.CLOUD,
            atoms=plan.structures.atoms,
        output:
            scope.files(paths.SCORES),
        wildcard_constraints:
            structure=scope.structure,
        conda:
            "../../envs/scores.yaml"
        resources:
            **least(mem_mb=1500, runtime=20),
        params:
            tasks=plan.tasks.names,
            alignment=settings.alignment,
        message:
            f"Scoring {{wildcards.method}} on {{wildcards.structure}}, {scope.task}"
        script:
            "../../scripts/scoring/score_reconstruction.py"


# does the spread of the samples say how wrong they are?
rule calibrate_reconstruction:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud=paths.CLOUD,
    output:
        paths.CALIBRATION,
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
        plan.outputs.structure_tables(),
    output:
        table("scores", "all", caption="scores"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    message:
        "Collecting the scores of all structures"
    script:
        "../../scripts/scoring/join_tables.py"


# of all data sets of shapes
use rule collect_scores as collect_shapes with:
    input:
        plan.checks.experiments,
        plan.shapes.scores,
    output:
        table("shapes", "shapes", caption="shapes"),
    localrule: True
    message:
        "Collecting the scores of all shapes"


use rule collect_scores as collect_structure with:
    input:
        plan.checks.structure,
        plan.outputs.structure_scores,
    output:
        paths.STRUCTURE_SCORES,
    localrule: True
    message:
        "Collecting the scores of {wildcards.structure}"


use rule collect_scores as collect_coverage with:
    input:
        plan.outputs.calibrations(),
    output:
        paths.COVERAGE,
    localrule: True
    message:
        "Collecting the calibrations of all reconstructions"


rule summarise:
    input:
        paths.ALL_SCORES,
    output:
        table("summary", "summary", caption="summary"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        tasks=plan.tasks.benchmarked,
    message:
        "Summarising the scores"
    script:
        "../../scripts/scoring/summarise.py"


rule collect_entries:
    input:
        scores=paths.ALL_SCORES,
        coverage=plan.outputs.coverage(),
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
        paths.COVERAGE,
    output:
        table("calibration", "calibration", caption="calibration_table"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        tasks=plan.tasks.benchmarked,
    message:
        "Summarising the calibrations"
    script:
        "../../scripts/scoring/summarise_calibration.py"
