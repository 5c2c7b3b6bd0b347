rule release_prior:
    input:
        plan.priors.released_files,
    output:
        weights="results/priors/{prior}/released/weights.safetensors",
        card="results/priors/{prior}/released/card.json",
    localrule: True
    conda:
        "../../envs/torch.yaml"
    message:
        "Checking the released weights of {wildcards.prior}"
    script:
        "../../scripts/priors/release_prior.py"


# some sixty structures a job: thousands of them stay a small workflow; finished ones are kept if a job dies
rule coarse_grain_shard:
    output:
        "results/priors/{prior}/shards/{shard}.npz",
    retries: retried(2)
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=8000, runtime=240),
    params:
        entries=plan.priors.shard_entries,
        mixture=lambda wildcards: settings.coarse_grain.model_dump()
        | {"engine": plan.priors.prior(wildcards).training.engine},
        fits=lambda wildcards: plan.priors.prior(wildcards).training.fits,
        sub_assemblies=lambda wildcards: plan.priors.prior(
            wildcards
        ).training.sub_assemblies,
        assembly=settings.structures.assembly,
        seed=settings.seed,
        sources=sources,
    message:
        "Coarse-graining training structures of {wildcards.prior}, shard {wildcards.shard}"
    script:
        "../../scripts/priors/coarse_grain_shard.py"


rule pack_training_clouds:
    input:
        plan.priors.shards,
    output:
        clouds="results/priors/{prior}/training_clouds.npz",
        failures="results/priors/{prior}/failures.csv",
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=4000, runtime=30),
    params:
        clusters=lambda wildcards: dict(plan.priors.training_entries(wildcards.prior)),
        max_failed=lambda wildcards: plan.priors.prior(wildcards).training.max_failed,
        validation_one_in=lambda wildcards: plan.priors.prior(
            wildcards
        ).training.validation_one_in,
    message:
        "Packing the training clouds of {wildcards.prior}"
    script:
        "../../scripts/priors/pack_training_clouds.py"


# stopped by a time limit it goes on from its checkpoint, which is no output: a failed rule's outputs are deleted. So a
# day at a time, which most partitions allow, and some days in all
rule train_prior:
    input:
        clouds="results/priors/{prior}/training_clouds.npz",
        initial=plan.priors.initial_files,
    output:
        weights="results/priors/{prior}/trained/weights.safetensors",
        card="results/priors/{prior}/trained/card.json",
        curve="results/priors/{prior}/trained/curve.csv",
    retries: retried(4)
    conda:
        "../../envs/torch.yaml"
    threads: 8
    resources:
        gpu=plan.priors.training_gpus,
        mem_mb=growing(32000),
        runtime=1440,
        # for the slurm executor: the script starts the processes itself (mpi), one a GPU and as many on every node
        nodes=plan.priors.over_nodes(lambda training: training.nodes),
        tasks=plan.priors.over_nodes(lambda training: training.nodes * training.gpus),
        tasks_per_gpu=plan.priors.over_nodes(lambda training: 0),  # else it takes `tasks` for that
        mpi=plan.priors.over_nodes(lambda training: "srun"),
        slurm_extra=plan.priors.over_nodes(
            lambda training: f"--ntasks-per-node={training.gpus}"
        ),
    params:
        network=lambda wildcards: plan.priors.prior(wildcards).network.model_dump(),
        training=plan.priors.training_plan,
        execution=plan.priors.training_execution,
        seed=settings.seed,
        checkpoint=lambda wildcards: str(
            RESULTS / "checkpoints" / f"{wildcards.prior}.safetensors"
        ),
    message:
        "Training the prior {wildcards.prior} (gpu={resources.gpu})"
    script:
        "../../scripts/priors/train_prior.py"


rule plot_training:
    input:
        "results/priors/{prior}/trained/curve.csv",
    output:
        **figure(
            "results/priors/{prior}/trained/curve",
            "Priors",
            {"prior": "{prior}"},
            "training",
        ),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    message:
        "Drawing the training curve of {wildcards.prior}"
    script:
        "../../scripts/output/plot_training.py"


# control: what the prior gives without any measurement; the same samples stand beside every structure and task
rule sample_prior:
    input:
        prior=plan.priors.prior_files,
        clouds=[],
    output:
        "results/priors/samples.npz",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **least(mem_mb=8000, runtime=120),
        gpu=plan.priors.gpu,
    params:
        key=lambda wildcards: [settings.seed, settings.prior, "prior"],
        samples=settings.samples,
        points=settings.coarse_grain.components,
        schedule=settings.unconditional.model_dump(),
        precision=settings.dps.precision,
        execution=execution,
    message:
        "Sampling the prior without measurements (gpu={resources.gpu})"
    script:
        "../../scripts/priors/sample_prior.py"


# of any prior, beside clouds that it has not seen (Table 3) and as a gallery
use rule sample_prior as sample_prior_set with:
    input:
        prior=[
            "results/priors/{prior}/{folder}/weights.safetensors",
            "results/priors/{prior}/{folder}/card.json",
        ],
        clouds="results/priors/{prior}/training_clouds.npz",
    output:
        "results/priors/{prior}/{folder}/samples.npz",
    resources:
        **least(mem_mb=16000, runtime=480),
        gpu=plan.priors.gpu,
    params:
        key=lambda wildcards: [settings.seed, wildcards.prior, "prior"],
        samples=settings.evaluation.samples,
        points=None,
        schedule=settings.unconditional.model_dump(),
        precision=settings.dps.precision,
        execution=execution,
    message:
        "Sampling {wildcards.prior} ({wildcards.folder}) for Table 3 (gpu={resources.gpu})"


rule evaluate_prior:
    input:
        samples="results/priors/{prior}/{folder}/samples.npz",
        clouds="results/priors/{prior}/training_clouds.npz",
    output:
        table="results/priors/{prior}/{folder}/evaluation.csv",
        nearest="results/priors/{prior}/{folder}/nearest.csv",
    conda:
        "../../envs/torch.yaml"
    threads: 4
    resources:
        **least(mem_mb=8000, runtime=240),
    params:
        seed=settings.seed,
        augmentation=lambda wildcards: plan.priors.prior(
            wildcards
        ).training.augmentation,
    message:
        "Comparing samples of {wildcards.prior} ({wildcards.folder}) with held-out clouds"
    script:
        "../../scripts/priors/evaluate_prior.py"


rule plot_gallery:
    input:
        "results/priors/{prior}/{folder}/samples.npz",
    output:
        **figure(
            "results/priors/{prior}/{folder}/gallery",
            "Priors",
            {"prior": "{prior}", "weights": "{folder}"},
            "gallery",
        ),
    conda:
        "../../envs/figures.yaml"
    resources:
        **least(mem_mb=2000, runtime=15),
    params:
        shown=settings.evaluation.gallery,
    message:
        "Drawing samples of {wildcards.prior} ({wildcards.folder})"
    script:
        "../../scripts/output/plot_gallery.py"


rule collect_table3:
    input:
        plan.priors.evaluations(),
    output:
        table("table3", "priors (Table 3)", caption="table3"),
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        priors=list(settings.priors),
    message:
        "Collecting 1-NNA, COV and MMD of all priors"
    script:
        "../../scripts/scoring/collect_table3.py"
