rule plot_task:
    input:
        scores=plan.outputs.task_scores,
    output:
        pdf="results/figures/{task}.pdf",
        png=report(
            "results/figures/{task}.png",
            category="Tasks",
            labels={"task": "{task}"},
            caption="../report/task.rst",
        ),
    log:
        "results/logs/plot_task/{task}.log",
    benchmark:
        "results/benchmarks/plot_task/{task}.tsv"
    wildcard_constraints:
        task=r"(?!(?:figure2|showcase|calibration)\.)[^/]+",
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code_of("output/plot_task"),
        title=plan.tasks.title,
        column="rmsd_cg",
    message:
        "Drawing the scores of {wildcards.task}"
    script:
        "../../scripts/output/plot_task.py"


# the paper shows both RMSDs of every task
use rule plot_task as plot_task_atomic with:
    output:
        pdf="results/figures/atomic/{task}.pdf",
        png=report(
            "results/figures/atomic/{task}.png",
            category="Tasks",
            labels={"task": "{task}, to all heavy atoms"},
            caption="../report/task_atomic.rst",
        ),
    log:
        "results/logs/plot_task_atomic/{task}.log",
    benchmark:
        "results/benchmarks/plot_task_atomic/{task}.tsv"
    params:
        code=code_of("output/plot_task"),
        title=plan.tasks.title,
        column="rmsd_atomic",
    message:
        "Drawing the scores of {wildcards.task} against all heavy atoms"


rule plot_calibration:
    input:
        plan.outputs.drawn_coverage,
    output:
        pdf="results/figures/calibration.pdf",
        png=report(
            "results/figures/calibration.png",
            category="Calibration",
            labels={"figure": "coverage"},
            caption="../report/calibration.rst",
        ),
    log:
        "results/logs/plot_calibration.log",
    benchmark:
        "results/benchmarks/plot_calibration.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code_of("output/plot_calibration"),
        titles=plan.tasks.titles(plan.tasks.benchmarked),
    message:
        "Drawing the calibration of all tasks"
    script:
        "../../scripts/output/plot_calibration.py"


rule plot_reconstruction:
    input:
        observations="results/{structure}/{task}/observations.npz",
        reconstruction="results/{structure}/{task}/dps.npz",
        scores=plan.outputs.compared_scores,
        cloud="results/{structure}/cloud.npz",
        atoms=plan.structures.atoms,
    output:
        pdf="results/figures/reconstructions/{structure}_{task}.pdf",
        png=report(
            "results/figures/reconstructions/{structure}_{task}.png",
            category="Reconstructions",
            labels={"structure": "{structure}", "task": "{task}"},
            caption="../report/reconstruction.rst",
        ),
    log:
        "results/logs/plot_reconstruction/{structure}/{task}.log",
    benchmark:
        "results/benchmarks/plot_reconstruction/{structure}/{task}.tsv"
    wildcard_constraints:
        structure="pdb_[0-9A-Za-z]{8}|[^/_]+",
    conda:
        "../../envs/figures.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(15),
    params:
        code=code_of("output/plot_reconstruction"),
    message:
        "Drawing the reconstruction of {wildcards.structure} given {wildcards.task}"
    script:
        "../../scripts/output/plot_reconstruction.py"


# Fig. 2 of the paper: a column a showcase
rule plot_showcases:
    input:
        observations=plan.showcases.files("results/{structure}/{task}/observations.npz"),
        reconstructions=plan.showcases.files("results/{structure}/{task}/dps.npz"),
        clouds=plan.showcases.files("results/{structure}/cloud.npz"),
        scores=plan.showcases.files("results/{structure}/{task}/{method}.csv"),
        atoms=plan.showcases.atoms,
    output:
        pdf="results/figures/figure2.pdf",
        png=report(
            "results/figures/figure2.png",
            category="Paper",
            labels={"figure": "2"},
            caption="../report/showcases.rst",
        ),
    log:
        "results/logs/plot_showcases.log",
    benchmark:
        "results/benchmarks/plot_showcases.tsv"
    conda:
        "../../envs/figures.yaml"
    resources:
        mem_mb=growing(8000),
        runtime=growing(30),
    params:
        code=code_of("output/plot_showcases"),
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
    log:
        "results/logs/publish_tables.log",
    benchmark:
        "results/benchmarks/publish_tables.tsv"
    localrule: True
    conda:
        "../../envs/torch.yaml"
    params:
        code=code_of("output/publish_tables"),
        configuration=plan.publication.configuration(),
        codes={
            Path(script).name: code_of(script)
            for script in (
                "structures/coarse_grain_structure",
                "measurements/synthesise_observations",
                "reconstruction/reconstruct_dps",
                "reconstruction/reconstruct_pnp",
                "reconstruction/reconstruct_ml",
                "reconstruction/reconstruct_ml_regularised",
                "reconstruction/sample_prior",
                "scoring/score_reconstruction",
                "scoring/calibrate_reconstruction",
            )
        },
    message:
        f"Writing tables and what made them into {paths.PUBLISHED}"
    script:
        "../../scripts/output/publish_tables.py"
