# figures of tables by a function of the library: which one, of what, into which file, and given what
DRAWN_TABLES = {
    "plot_task": (
        "plot_task",
        plan.outputs.task_scores,
        figure(paths.TASK_FIGURE, "Tasks", {"task": "{task}"}, "task"),
        lambda wildcards: plan.tasks.drawn(wildcards, "rmsd_cg"),
    ),
    # the paper shows both RMSDs of every task
    "plot_task_atomic": (
        "plot_task",
        plan.outputs.task_scores,
        figure(paths.ATOMIC_TASK_FIGURE, "Tasks", {"task": "{task}, to all heavy atoms"}, "task_atomic"),
        lambda wildcards: plan.tasks.drawn(wildcards, "rmsd_atomic"),
    ),
    "plot_noise": (
        "plot_noise",
        plan.experiments.noise_scores,
        figure(paths.NOISE_FIGURE, "Tasks", {"task": "{task}, against noise"}, "noise"),
        lambda wildcards: {"title": plan.tasks.title(wildcards), "noise": plan.experiments.noise_levels(wildcards)},
    ),
    "plot_calibration": (
        "plot_calibration",
        plan.outputs.drawn_coverage,
        figure(paths.CALIBRATION_FIGURE, "Calibration", {"figure": "coverage"}, "calibration"),
        # not the showcases: each measures something else
        lambda wildcards: {"tasks": plan.tasks.benchmarked, "titles": plan.tasks.titles(plan.tasks.benchmarked)},
    ),
    "plot_alpha_sweep": (
        "plot_alpha_sweep",
        paths.ALL_SWEEP_SCORES,
        figure(paths.SWEEP_FIGURE, "Priors", {"figure": "guidance strength"}, "alpha_sweep"),
        lambda wildcards: {"chosen": plan.experiments.sweep_chosen(), "titles": plan.experiments.sweep_titles()},
    ),
    "plot_training": (
        "plot_training_curve",
        paths.TRAINING_CURVE,
        figure(paths.in_folder(paths.TRAINING_FIGURE, "trained"), "Priors", {"prior": "{prior}"}, "training"),
        lambda wildcards: {"title": wildcards.prior},
    ),
}
for drawing, (function, tables, files, given) in DRAWN_TABLES.items():

    rule:
        name:
            drawing
        input:
            tables,
        output:
            **files,
        wildcard_constraints:
            task=r"(?!(?:figure[1-6]|showcase|calibration)\.)[^/]+",
        localrule: True
        params:
            function=function,
            given=given,
        message:
            "Draw {output.png}"
        script:
            "../../scripts/output/plot_table.py"


# samples of priors: of any, and of those that Figs. 3 to 5 show
GALLERY_RULES = {
    "plot_gallery": (
        paths.PRIOR_SAMPLES,
        figure(paths.GALLERY_FIGURE, "Priors", {"prior": "{prior}", "weights": "{folder}"}, "gallery"),
        "Unconditional samples of {prior} ({folder})",
        lambda wildcards: plan.paper.knows_shapes(wildcards.prior),
    )
} | {
    f"plot_figure{number}": (
        lambda wildcards, number=number: plan.reproduction.gallery(number),
        figure(paths.PAPER_FIGURE.format(number=number), "Paper", {"figure": str(number)}, "gallery"),
        f"Unconditional samples of the {SUBJECTS[kind]} prior",
        kind != MOLECULES,
    )
    for number, kind in GALLERIES.items()
}
for drawing, (samples, files, title, surfaces) in GALLERY_RULES.items():

    rule:
        name:
            drawing
        input:
            samples,
        output:
            **files,
        params:
            shown=settings.evaluation.gallery,
            title=title,
            surfaces=surfaces,
        script:
            "../../scripts/output/plot_gallery.py"


PAIR = {"structure": "{structure}", "task": "{task}"}


rule plot_reconstruction:
    input:
        observations=paths.OBSERVATIONS,
        reconstruction=paths.models_of("dps"),
        scores=plan.outputs.compared_scores,
        cloud=paths.CLOUD,
        atoms=plan.structures.atoms,
    output:
        **figure(paths.RECONSTRUCTION_FIGURE, "Reconstructions", PAIR, "reconstruction"),
    wildcard_constraints:
        structure=plan.datasets.drawn_molecules,
    params:
        methods=plan.showcases.compared,
    script:
        "../../scripts/output/plot_reconstruction.py"


# a shape as in Fig. 1, by all methods that are compared
rule plot_shape:
    input:
        **{name: [paths.models_of(name)] for name in plan.showcases.compared},
        scores=plan.outputs.compared_scores,
        observations=[paths.OBSERVATIONS],
        clouds=[paths.CLOUD],
    output:
        **figure(paths.RECONSTRUCTION_FIGURE, "Reconstructions", PAIR, "shape"),
    wildcard_constraints:
        structure=plan.datasets.drawn_shapes,
    params:
        methods=plan.showcases.compared,
        pairs=lambda wildcards: [(wildcards.structure, wildcards.task)],
        titles=lambda wildcards: [plan.datasets.shape(wildcards).split("/")[1]],
    script:
        "../../scripts/output/plot_shapes.py"


# Fig. 2 of the paper: one column per showcase
rule plot_showcases:
    input:
        observations=plan.showcases.files(paths.OBSERVATIONS),
        reconstructions=plan.showcases.files(paths.models_of("dps")),
        clouds=plan.showcases.files(paths.CLOUD),
        scores=plan.outputs.showcase_scores(plan.showcases.compared),
        atoms=plan.showcases.atoms,
    output:
        **figure(paths.SHOWCASE_FIGURE, "Paper", {"figure": "2"}, "showcases"),
    params:
        structures=plan.showcases.entries,
        titles=plan.showcases.titles(),
        methods=plan.showcases.compared,
    script:
        "../../scripts/output/plot_showcases.py"


# tables, configuration and what made them, into a folder that git keeps; `make redraw` draws the figures from there
rule publish_tables:
    input:
        tables=plan.publication.tables(),
        prior=plan.priors.prior_files,
    output:
        plan.publication.files(),
        configuration=plan.publication.file("config.json"),
        provenance=plan.publication.file("provenance.json"),
    localrule: True
    conda:
        "../../envs/torch.yaml"
    params:
        prior=settings.prior,
        configuration=plan.publication.configuration(),
        codes=code.of_results(),
    script:
        "../../scripts/output/publish_tables.py"
