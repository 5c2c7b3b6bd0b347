# diffusion posterior sampling by other integrators (Table 2) and in other numbers of steps (Fig. 6), from the same noise
use rule sweep_alpha as sample_variant with:
    input:
        observations=paths.OBSERVATIONS,
        cloud=paths.CLOUD,
        prior=plan.priors.prior_files,
    output:
        paths.VARIANT_SCORES,
    params:
        energy=settings.energy,
        settings=plan.shapes.variant_settings,
        problem=plan.shapes.variant_problem,
        precision=settings.execution.precision,
        execution=execution,
    message:
        "Sampling {wildcards.structure} given {wildcards.task} in the variant {wildcards.variant} (gpu={resources.gpu})"


use rule collect_scores as collect_integrators with:
    input:
        plan.checks.experiments,
        plan.shapes.integrator_scores,
    output:
        paths.INTEGRATOR_SCORES,
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
    params:
        columns=VARIANT_COLUMNS,
    message:
        "Collecting the scores at all numbers of time steps"


# the paper's four tables, in its units
rule make_table1:
    input:
        paths.SHAPE_SCORES,
    output:
        table("table1", "shapes (Table 1)", caption="table1"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        experiments=plan.paper.experiments(),
    message:
        "Making Table 1"
    script:
        "../../scripts/scoring/make_table1.py"


rule make_table2:
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
        "../../scripts/scoring/make_table2.py"


rule make_table3:
    input:
        plan.priors.evaluations(),
    output:
        table("table3", "priors (Table 3)", caption="table3"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        priors=list(settings.priors),
        kinds=plan.paper.kinds(),
    message:
        "Making Table 3"
    script:
        "../../scripts/scoring/make_table3.py"


rule make_table4:
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
        "../../scripts/scoring/make_table4.py"
