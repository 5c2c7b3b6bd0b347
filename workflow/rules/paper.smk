rule plot_task:
    input:
        scores=plan.task_scores,
    output:
        **figure("results/figures/{task}", "Tasks", {"task": "{task}"}, "task"),
    wildcard_constraints:
        task=r"(?!(?:figure2|showcase|calibration)\.)[^/]+",
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        title=plan.title,
        column="rmsd_cg",
    message:
        "Drawing the scores of {wildcards.task}"
    script:
        "../../scripts/output/plot_task.py"


# the paper shows both RMSDs of every task
use rule plot_task as plot_task_atomic with:
    output:
        **figure(
            "results/figures/atomic/{task}",
            "Tasks",
            {"task": "{task}, to all heavy atoms"},
            "task_atomic",
        ),
    params:
        title=plan.title,
        column="rmsd_atomic",
    message:
        "Drawing the scores of {wildcards.task} against all heavy atoms"


rule plot_calibration:
    input:
        plan.coverage,
    output:
        **figure(
            "results/figures/calibration",
            "Calibration",
            {"figure": "coverage"},
            "calibration",
        ),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        titles={task: settings.tasks[task].title or task for task in plan.benchmarked},
    message:
        "Drawing the calibration of all tasks"
    script:
        "../../scripts/output/plot_calibration.py"


rule plot_reconstruction:
    input:
        observations="results/{structure}/{task}/observations.npz",
        reconstruction="results/{structure}/{task}/dps.npz",
        scores=plan.compared_scores,
        cloud="results/{structure}/cloud.npz",
        atoms=plan.atoms,
    output:
        **figure(
            "results/figures/reconstructions/{structure}_{task}",
            "Reconstructions",
            {"structure": "{structure}", "task": "{task}"},
            "reconstruction",
        ),
    wildcard_constraints:
        structure="pdb_[0-9A-Za-z]{8}|[^/_]+",
    conda:
        "../../envs/figures.yaml"
    resources:
        **least(mem_mb=2000, runtime=15),
    message:
        "Drawing the reconstruction of {wildcards.structure} given {wildcards.task}"
    script:
        "../../scripts/output/plot_reconstruction.py"


# Fig. 2 of the paper: a column a showcase
rule plot_showcases:
    input:
        observations=plan.showcase_files("results/{structure}/{task}/observations.npz"),
        reconstructions=plan.showcase_files("results/{structure}/{task}/dps.npz"),
        clouds=plan.showcase_files("results/{structure}/cloud.npz"),
        scores=plan.showcase_files("results/{structure}/{task}/{method}.csv"),
        atoms=plan.showcase_atoms,
    output:
        **figure("results/figures/figure2", "Paper", {"figure": "2"}, "showcases"),
    conda:
        "../../envs/figures.yaml"
    resources:
        **least(mem_mb=8000, runtime=30),
    params:
        structures=plan.showcased,
        titles=plan.showcase_titles(),
    message:
        "Drawing the showcases"
    script:
        "../../scripts/output/plot_showcases.py"


# tables, configuration and what made them, into a folder that git keeps; `make redraw` draws the figures from there
rule publish_tables:
    input:
        tables=plan.published_tables(),
        prior=plan.priors.prior_files,
    output:
        plan.published_files(),
        configuration=f"{PUBLISHED}/config.json",
        provenance=f"{PUBLISHED}/provenance.json",
    localrule: True
    conda:
        "../../envs/torch.yaml"
    params:
        configuration=plan.published_configuration(),
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
        f"Writing tables and what made them into {PUBLISHED}"
    script:
        "../../scripts/output/publish_tables.py"
