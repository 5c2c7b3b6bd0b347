# Fig. 1: data, truth and models of shapes, the first of their data sets
rule plot_figure1:
    input:
        scores=plan.reproduction.errors,
        observations=lambda wildcards: plan.reproduction.files(paths.OBSERVATIONS),
        clouds=lambda wildcards: plan.reproduction.files(paths.CLOUD),
        ml=lambda wildcards: plan.reproduction.files(paths.RECONSTRUCTION, "ml"),
        dps=lambda wildcards: plan.reproduction.files(paths.RECONSTRUCTION, "dps"),
    output:
        **figure(paths.PAPER_FIGURE.format(number=1), "Paper", {"figure": "1"}, "figure1"),
    params:
        methods=DRAWN,
        pairs=lambda wildcards: plan.reproduction.pairs(),
        titles=lambda wildcards: plan.reproduction.headings(),
    script:
        "../../scripts/output/plot_shapes.py"


# Fig. 6: errors against the number of time steps
rule plot_figure6:
    input:
        plan.checks.experiments,
        scores=paths.TIME_STEP_SCORES,
        baselines=plan.reproduction.baselines,
    output:
        **figure(paths.PAPER_FIGURE.format(number=6), "Paper", {"figure": "6"}, "figure6"),
    localrule: True
    params:
        titles=lambda wildcards: plan.reproduction.titles(),
    script:
        "../../scripts/output/plot_time_steps.py"


# every table and figure of the paper: what is printed beside what this configuration computes
rule write_reproduction:
    input:
        unpack(plan.reproduction.read),
    output:
        pages=paths.REPRODUCTION,
    localrule: True
    conda:
        "../../envs/site.yaml"
    params:
        experiments=lambda wildcards: plan.paper.experiments(),
        sources=lambda wildcards: plan.reproduction.sources(),
        figures=lambda wildcards: list(plan.reproduction.figures()),
        kept=lambda wildcards: plan.reproduction.kept(),
    script:
        "../../scripts/output/write_reproduction.py"


# the same into a folder that git keeps, with the pictures and tables that it shows
use rule write_reproduction as publish_reproduction with:
    output:
        pages=[f"{paths.PUBLISHED_REPRODUCTION}/README.md"],
        copies=plan.reproduction.copies(),
    localrule: True
