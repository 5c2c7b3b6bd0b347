# tables that join others, one below the other: of what, into which file, and the columns that they keep ([]: all)
shapes = plan.checks.experiments  # an error where there are none
JOINED = {
    "collect_structure": ([plan.checks.structure, plan.outputs.structure_scores], paths.STRUCTURE_SCORES, []),
    "collect_scores": ([plan.outputs.all_task_scores], table("scores", "all"), []),
    "collect_coverage": ([plan.outputs.calibrations()], paths.COVERAGE, []),
    "collect_shapes": ([shapes, plan.shapes.scores], table("shapes"), []),  # of all data sets
    "collect_integrators": ([shapes, plan.shapes.integrator_scores], paths.INTEGRATOR_SCORES, VARIANT_COLUMNS),
    "collect_time_steps": ([shapes, plan.shapes.time_step_scores], paths.TIME_STEP_SCORES, VARIANT_COLUMNS),
    "collect_alpha_sweep": ([plan.experiments.sweep_tables], paths.ALL_SWEEP_SCORES, SWEEP_COLUMNS),
}
for joining, (parts, joined, columns) in JOINED.items():

    rule:
        name:
            joining
        input:
            *parts,
        output:
            joined,
        localrule: True
        params:
            columns=columns,
        message:
            "Make {output}"
        script:
            "../../scripts/scoring/join_tables.py"


# tables that a function of the library makes of others or of the configuration: which, of what, and given what
scores, averaged = {"scores": paths.ALL_SCORES}, {"tasks": plan.tasks.benchmarked}
TABULATED = {
    "summarise": ("scoring.summary.summarise", scores, averaged, table("summary")),
    "collect_entries": (
        "scoring.summary.tabulate_entries",
        scores | {"calibration": file for file in plan.outputs.coverage()},
        {},
        table("entries"),
    ),
    "summarise_calibration": (
        "scoring.calibration.summarise_calibration",
        {"table": paths.COVERAGE},
        averaged,
        table("calibration", caption="calibration_table"),
    ),
    # the paper's, in its units
    "tabulate_table1": (
        "scoring.paper_tables.table1",
        {"scores": paths.SHAPE_SCORES},
        lambda wildcards: {"places": plan.paper.places()},
        table("table1", "shapes (Table 1)"),
    ),
    "tabulate_table2": (
        "scoring.paper_tables.table2",
        {"scores": paths.INTEGRATOR_SCORES},
        {"order": plan.paper.variants()},
        table("table2", "integrators (Table 2)"),
    ),
    "tabulate_table4": (
        "output.reproduction.printed.table4",
        {},
        {"experiments": plan.paper.experiments()},
        table("table4", "parameters (Table 4)"),
    ),
}
for making, (function, parts, given, made) in TABULATED.items():

    rule:
        name:
            making
        input:
            **parts,
        output:
            made,
        localrule: True
        params:
            code=code.of("scoring/tabulate", f"pointprior.{function.rpartition('.')[0]}"),
            function=f"pointprior.{function}",
            given=given,
        message:
            "Make {output}"
        script:
            "../../scripts/scoring/tabulate.py"


rule collect_table3:
    input:
        plan.priors.evaluations(),
    output:
        table("table3", "priors (Table 3)"),
    localrule: True
    params:
        priors=plan.priors.compared,
    script:
        "../../scripts/scoring/collect_table3.py"
