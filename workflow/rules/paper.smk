rule plot_task:
    input:
        scores=plan.outputs.task_scores,
    output:
        **figure(paths.TASK_FIGURE, "Tasks", {"task": "{task}"}, "task"),
    wildcard_constraints:
        task=r"(?!(?:figure[1-6]|showcase|calibration)\.)[^/]+",
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        title=plan.tasks.title,
        column="rmsd_cg",
    message:
        "Drawing the scores of {wildcards.task}"
    script:
        "../../scripts/output/plot_task.py"


# the paper shows both RMSDs of every task
use rule plot_task as plot_task_atomic with:
    output:
        **figure(
            paths.ATOMIC_TASK_FIGURE,
            "Tasks",
            {"task": "{task}, to all heavy atoms"},
            "task_atomic",
        ),
    localrule: True
    params:
        title=plan.tasks.title,
        column="rmsd_atomic",
    message:
        "Drawing the scores of {wildcards.task} against all heavy atoms"


rule plot_calibration:
    input:
        plan.outputs.drawn_coverage,
    output:
        **figure(
            paths.CALIBRATION_FIGURE,
            "Calibration",
            {"figure": "coverage"},
            "calibration",
        ),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        titles=plan.tasks.titles(plan.tasks.benchmarked),
    message:
        "Drawing the calibration of all tasks"
    script:
        "../../scripts/output/plot_calibration.py"


rule plot_reconstruction:
    input:
        observations=paths.OBSERVATIONS,
        reconstruction=paths.models_of("dps"),
        scores=plan.outputs.compared_scores,
        cloud=paths.CLOUD,
        atoms=plan.structures.atoms,
    output:
        **figure(
            paths.RECONSTRUCTION_FIGURE,
            "Reconstructions",
            {"structure": "{structure}", "task": "{task}"},
            "reconstruction",
        ),
    wildcard_constraints:
        structure=plan.datasets.drawn_molecules,
    conda:
        "../../envs/figures.yaml"
    resources:
        **least(mem_mb=2000, runtime=15),
    message:
        "Drawing the reconstruction of {wildcards.structure} given {wildcards.task}"
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
        **figure(
            paths.RECONSTRUCTION_FIGURE,
            "Reconstructions",
            {"structure": "{structure}", "task": "{task}"},
            "shape",
        ),
    wildcard_constraints:
        structure=plan.datasets.drawn_shapes,
    conda:
        "../../envs/figures.yaml"
    resources:
        **least(mem_mb=2000, runtime=15),
    params:
        methods=plan.showcases.compared,
        pairs=lambda wildcards: [(wildcards.structure, wildcards.task)],
        titles=lambda wildcards: [plan.datasets.shape(wildcards).split("/")[1]],
    message:
        "Drawing the reconstruction of {wildcards.structure} given {wildcards.task}"
    script:
        "../../scripts/output/plot_shapes.py"


# Fig. 2 of the paper: one column per showcase
rule plot_showcases:
    input:
        observations=plan.showcases.files(paths.OBSERVATIONS),
        reconstructions=plan.showcases.files(paths.models_of("dps")),
        clouds=plan.showcases.files(paths.CLOUD),
        scores=plan.showcases.files(paths.SCORES),
        atoms=plan.showcases.atoms,
    output:
        **figure(paths.SHOWCASE_FIGURE, "Paper", {"figure": "2"}, "showcases"),
    conda:
        "../../envs/figures.yaml"
    resources:
        **least(mem_mb=8000, runtime=30),
    params:
        structures=plan.showcases.entries,
        titles=plan.showcases.titles(),
    message:
        "Drawing the showcases"
    script:
        "../../scripts/output/plot_showcases.py"


# tables, configuration and what made them, into a folder that git keeps; `make redraw` draws the figures from there
rule publish_tables:
    input:
        tables=plan.publication.tables(),
        prior=plan.priors.prior_files,
    output:
        plan.publication.files(),
        configuration=f"{paths.PUBLISHED}/config.json",
        provenance=f"{paths.PUBLISHED}/provenance.json",
    localrule: True
    conda:
        "../../envs/torch.yaml"
    params:
        configuration=plan.publication.configuration(),
        codes={
            Path(script).name: code_of(script)
            for script in (
                "structures/coarse_grain_structure",
                "measurements/synthesise_observations",
                "priors/sample_prior",
                "scoring/score_reconstruction",
                "scoring/calibrate_reconstruction",
            )
        }
        | {
            f"reconstruct_{method.name}": code_of(
                "reconstruction/reconstruct", method.module
            )
            for method in METHODS.values()
            if method.module
        },
    message:
        f"Writing tables and what made them into {paths.PUBLISHED}"
    script:
        "../../scripts/output/publish_tables.py"
