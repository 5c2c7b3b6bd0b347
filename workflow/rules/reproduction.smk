# Fig. 1: data, truth and models of shapes, the first of their data sets
rule plot_figure1:
    input:
        scores=plan.reproduction.errors,
        observations=lambda wildcards: plan.reproduction.files(paths.OBSERVATIONS),
        clouds=lambda wildcards: plan.reproduction.files(paths.CLOUD),
        ml=lambda wildcards: plan.reproduction.files(paths.RECONSTRUCTION, "ml"),
        dps=lambda wildcards: plan.reproduction.files(paths.RECONSTRUCTION, "dps"),
    output:
        **figure(
            paths.PAPER_FIGURE.format(number=1), "Paper", {"figure": "1"}, "figure1"
        ),
    conda:
        "../../envs/figures.yaml"
    resources:
        **least(mem_mb=2000, runtime=15),
    params:
        methods=DRAWN,
        pairs=lambda wildcards: plan.reproduction.pairs(),
        titles=lambda wildcards: plan.reproduction.headings(),
    message:
        "Drawing Figure 1"
    script:
        "../../scripts/output/plot_shapes.py"


# Figs. 3 to 5: samples of the priors
for number, kind in GALLERIES.items():

    rule:
        name:
            f"plot_figure{number}"
        input:
            lambda wildcards, number=number: plan.reproduction.gallery(number),
        output:
            **figure(
                paths.PAPER_FIGURE.format(number=number),
                "Paper",
                {"figure": str(number)},
                "gallery",
            ),
        conda:
            "../../envs/figures.yaml"
        resources:
            **least(mem_mb=2000, runtime=15),
        params:
            shown=settings.evaluation.gallery,
            title=f"Samples of the prior {kind}, without measurements",
            surfaces=kind != MOLECULES,
        message:
            f"Drawing Figure {number}"
        script:
            "../../scripts/output/plot_gallery.py"


# Fig. 6: errors against the number of time steps
rule plot_figure6:
    input:
        plan.checks.experiments,
        scores=paths.TIME_STEP_SCORES,
        baselines=plan.reproduction.baselines,
    output:
        **figure(
            paths.PAPER_FIGURE.format(number=6), "Paper", {"figure": "6"}, "figure6"
        ),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        titles=lambda wildcards: plan.reproduction.titles(),
    message:
        "Drawing Figure 6"
    script:
        "../../scripts/output/plot_time_steps.py"


# every table and figure of the paper: what is printed beside what this configuration computes
rule write_reproduction:
    input:
        unpack(lambda wildcards: plan.reproduction.tables()),
        atoms=lambda wildcards: plan.reproduction.atoms(),
        cards=lambda wildcards: plan.reproduction.cards(),
        figures=lambda wildcards: plan.reproduction.pictures(),
    output:
        pages=paths.REPRODUCTION,
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        experiments=lambda wildcards: plan.paper.experiments(),
        sources=lambda wildcards: plan.reproduction.sources(),
        figures=lambda wildcards: list(plan.reproduction.figures()),
        kept=lambda wildcards: plan.reproduction.kept(),
    message:
        "Setting the paper's numbers beside those of this run"
    script:
        "../../scripts/output/write_reproduction.py"


# the same into a folder that git keeps, with the pictures and tables that it shows
use rule write_reproduction as publish_reproduction with:
    output:
        pages=[f"{paths.PUBLISHED_REPRODUCTION}/README.md"],
        copies=plan.reproduction.copies(),
    localrule: True
    message:
        f"Writing the page of the reproduction into {paths.PUBLISHED_REPRODUCTION}"
