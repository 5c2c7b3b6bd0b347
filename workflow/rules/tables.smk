# diffusion posterior sampling by other integrators (Table 2) and in other numbers of steps (Fig. 6), from the same
# noise: a job takes a shape in all variants of a task
for experiment in plan.shapes.varied():
    run_like(workflow, f"sample_variants{experiment.suffix}", "sweep_alpha")

    rule:
        name:
            f"sample_variants{experiment.suffix}"
        input:
            observations=experiment.file(paths.OBSERVATIONS),
            cloud=paths.CLOUD,
            prior=plan.priors.prior_files,
        output:
            experiment.files(),
        wildcard_constraints:
            structure=experiment.structure,
        conda:
            "../../envs/torch.yaml"
        threads: 1
        resources:
            gpu=plan.priors.gpu,
            mem_mb=16000,
            runtime=480,
        params:
            energy=settings.energy,
            likelihood=settings.likelihood.deciding(),
            runs=plan.shapes.runs(experiment),
            precision=settings.execution.precision,
            execution=execution,
        message:
            f"Sampling {{wildcards.structure}} given {experiment.task} in other ways (gpu={{resources.gpu}})"
        script:
            "../../scripts/reconstruction/sample_and_score.py"


use rule collect_scores as collect_integrators with:
    input:
        plan.checks.experiments,
        plan.shapes.integrator_scores,
    output:
        paths.INTEGRATOR_SCORES,
    localrule: True
    params:
        columns=VARIANT_COLUMNS,
    message:
        "Collecting the scores of all integrators"


use rule collect_scores as collect_time_steps with:
    input:
        plan.checks.experiments,
        plan.shapes.time_step_scores,
    output:
        paths.TIME_STEP_SCORES,
    localrule: True
    params:
        columns=VARIANT_COLUMNS,
    message:
        "Collecting the scores at all numbers of time steps"


# the paper's four tables, in its units
rule tabulate_table1:
    input:
        paths.SHAPE_SCORES,
    output:
        table("table1", "shapes (Table 1)", caption="table1"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        places=lambda wildcards: plan.paper.places(),
    message:
        "Making Table 1"
    script:
        "../../scripts/scoring/tabulate_table1.py"


rule tabulate_table2:
    input:
        paths.INTEGRATOR_SCORES,
    output:
        table("table2", "integrators (Table 2)", caption="table2"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        variants=plan.paper.variants(),
    message:
        "Making Table 2"
    script:
        "../../scripts/scoring/tabulate_table2.py"


rule collect_table3:
    input:
        plan.priors.evaluations(),
    output:
        table("table3", "priors (Table 3)", caption="table3"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        priors=plan.priors.compared,
    message:
        "Making Table 3"
    script:
        "../../scripts/scoring/collect_table3.py"


rule tabulate_table4:
    output:
        table("table4", "parameters (Table 4)", caption="table4"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        experiments=plan.paper.experiments(),
    message:
        "Making Table 4"
    script:
        "../../scripts/output/tabulate_table4.py"
