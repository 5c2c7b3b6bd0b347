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
        facts=lambda wildcards: plan.reproduction.facts(),
        invocation=invocation(workflow, ROOT),
    script:
        "../../scripts/output/write_reproduction.py"


# the same into a folder that git keeps, with the pictures and tables that it shows, and what made them
use rule write_reproduction as publish_reproduction with:
    input:
        unpack(plan.reproduction.read_to_publish),
    output:
        **plan.reproduction.published(),
    localrule: True
    params:
        configuration=plan.publication.configuration(),
        codes=code.of_results(),
