rule release_prior:
    input:
        plan.priors.released_files,
    output:
        weights=paths.in_folder(paths.WEIGHTS, "released"),
        card=paths.in_folder(paths.CARD, "released"),
    localrule: True
    conda:
        "../../envs/torch.yaml"
    message:
        "Checking the released weights of {wildcards.prior}"
    script:
        "../../scripts/priors/release_prior.py"


# some sixty structures per job: thousands of them stay a small workflow; finished ones are kept if a job dies
rule coarse_grain_shard:
    output:
        paths.SHARD,
    retries: retried(2)
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=8000, runtime=240),
    params:
        entries=plan.priors.shard_entries,
        recipe=plan.priors.cloud_recipe,
        sources=sources,
    message:
        "Coarse-graining training structures of {wildcards.prior}, shard {wildcards.shard}"
    script:
        "../../scripts/priors/coarse_grain_shard.py"


rule pack_training_clouds:
    input:
        plan.priors.shards,
    output:
        clouds=paths.TRAINING_CLOUDS,
        failures=paths.TRAINING_FAILURES,
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=4000, runtime=30),
    params:
        packing=plan.priors.packing,
    message:
        "Packing the training clouds of {wildcards.prior}"
    script:
        "../../scripts/priors/pack_training_clouds.py"


# stopped by a time limit it goes on from its checkpoint, which is no output: a failed rule's outputs are deleted. So a
# day at a time, which most partitions allow, and some days in all
rule train_prior:
    input:
        clouds=paths.TRAINING_CLOUDS,
        initial=plan.priors.initial_files,
    output:
        weights=paths.in_folder(paths.WEIGHTS, "trained"),
        card=paths.in_folder(paths.CARD, "trained"),
        curve=paths.TRAINING_CURVE,
    retries: retried(4)
    conda:
        "../../envs/torch.yaml"
    threads: 8
    resources:
        gpu=plan.priors.training_gpus,
        mem_mb=growing(32000),
        runtime=1440,
        # for the slurm executor: the script starts the processes itself (mpi), one per GPU and as many on every node
        nodes=plan.priors.over_nodes(lambda training: training.nodes),
        tasks=plan.priors.over_nodes(lambda training: training.nodes * training.gpus),
        tasks_per_gpu=plan.priors.over_nodes(lambda training: 0),  # else it takes `tasks` for that
        mpi=plan.priors.over_nodes(lambda training: "srun"),
        slurm_extra=plan.priors.over_nodes(
            lambda training: f"--ntasks-per-node={training.gpus}"
        ),
    params:
        network=lambda wildcards: plan.priors.prior(wildcards).network.deciding(),
        training=plan.priors.deciding_training,
        execution=plan.priors.training_execution,
        seed=settings.seed,
        checkpoint=lambda wildcards: paths.CHECKPOINT.format(prior=wildcards.prior),
    message:
        "Training the prior {wildcards.prior} (gpu={resources.gpu})"
    script:
        "../../scripts/priors/train_prior.py"


rule plot_training:
    input:
        paths.TRAINING_CURVE,
    output:
        **figure(
            paths.in_folder(paths.TRAINING_FIGURE, "trained"),
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


# control: what a prior gives without any measurement; the same samples stand beside every structure and task
rule sample_prior:
    input:
        prior=plan.priors.prior_files,
        clouds=[],
    output:
        paths.UNCONDITIONAL_SAMPLES,
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **least(mem_mb=8000, runtime=120),
        gpu=plan.priors.gpu,
    params:
        key=lambda wildcards: [settings.seed, wildcards.prior, "prior"],
        samples=settings.samples,
        points=lambda wildcards: int(wildcards.points),
        schedule=plan.priors.unconditional_schedule,
        precision=settings.execution.precision,
        execution=execution,
    message:
        "Sampling the prior {wildcards.prior} without measurements (gpu={resources.gpu})"
    script:
        "../../scripts/priors/sample_prior.py"


# of any prior, beside clouds that it has not seen (Table 3) and as a gallery
use rule sample_prior as sample_prior_set with:
    input:
        prior=[
            paths.WEIGHTS,
            paths.CARD,
        ],
        clouds=plan.priors.counted,
    output:
        paths.PRIOR_SAMPLES,
    resources:
        **least(mem_mb=16000, runtime=480),
        gpu=plan.priors.gpu,
    params:
        key=lambda wildcards: [settings.seed, wildcards.prior, "prior"],
        samples=settings.evaluation.samples,
        points=plan.priors.sampled_points,
        schedule=plan.priors.unconditional_schedule,
        precision=settings.execution.precision,
        execution=execution,
    message:
        "Sampling {wildcards.prior} ({wildcards.folder}) for Table 3 (gpu={resources.gpu})"


rule evaluate_prior:
    input:
        samples=paths.PRIOR_SAMPLES,
        clouds=paths.TRAINING_CLOUDS,
        references=plan.priors.references,
    output:
        table=paths.EVALUATION,
        nearest=paths.NEAREST_CLOUDS,
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
        paths.PRIOR_SAMPLES,
    output:
        **figure(
            paths.GALLERY_FIGURE,
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
        title="{prior} ({folder}), without measurements",
        surfaces=lambda wildcards: plan.paper.knows_shapes(wildcards.prior),
    message:
        "Drawing samples of {wildcards.prior} ({wildcards.folder})"
    script:
        "../../scripts/output/plot_gallery.py"
