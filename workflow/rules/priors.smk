rule release_prior:
    input:
        plan.priors.released_files,
    output:
        weights=paths.in_folder(paths.WEIGHTS, "released"),
        card=paths.in_folder(paths.CARD, "released"),
    localrule: True
    script:
        "../../scripts/priors/release_prior.py"


# some sixty structures per job: thousands of them stay a small workflow; finished ones are kept if a job dies
rule coarse_grain_shard:
    output:
        paths.SHARD,
    retries: retried(2)
    conda:
        "../../envs/structures.yaml"
    params:
        entries=plan.priors.shard_entries,
        recipe=plan.priors.cloud_recipe,
        sources=sources,
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
    params:
        packing=plan.priors.packing,
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
    threads: 8
    resources:
        **plan.priors.node_resources(),
        gpu=plan.priors.training_gpus,
        mem_mb=growing(32000),
        runtime=1440,
    params:
        network=lambda wildcards: plan.priors.prior(wildcards).network.deciding(),
        training=plan.priors.deciding_training,
        execution=plan.priors.training_execution,
        seed=settings.seed,
        checkpoint=lambda wildcards: paths.CHECKPOINT.format(prior=wildcards.prior),
    script:
        "../../scripts/priors/train_prior.py"


rule refine_prior:
    input:
        prior=plan.priors.released_files,
        replay=plan.priors.replay,
        files=plan.priors.relatives_at_hand,
    output:
        weights=paths.in_folder(paths.WEIGHTS, "refined"),
        card=paths.in_folder(paths.CARD, "refined"),
    params:
        structures=plan.priors.relatives,
        refinement=plan.priors.refinement,
        seed=settings.seed,
        sources=sources,
    script:
        "../../scripts/priors/refine_prior.py"


# control: what a prior gives without any measurement; the same samples stand beside every structure and task
rule sample_prior:
    input:
        prior=plan.priors.prior_files,
        clouds=[],
    output:
        paths.UNCONDITIONAL_SAMPLES,
    priority: 3
    resources:
        gpu=plan.priors.gpu,
    params:
        key=lambda wildcards: [settings.seed, wildcards.prior, "prior"],
        samples=settings.samples,
        points=lambda wildcards: int(wildcards.points),
        schedule=plan.priors.unconditional_schedule,
        precision=settings.execution.precision,
        execution=execution,
    script:
        "../../scripts/priors/sample_prior.py"


# of any prior, beside clouds that it has not seen (Table 3) and as a gallery
use rule sample_prior as sample_prior_set with:
    input:
        prior=[paths.WEIGHTS, paths.CARD],
        clouds=plan.priors.counted,
    output:
        paths.PRIOR_SAMPLES,
    resources:
        gpu=plan.priors.gpu,
    params:
        key=lambda wildcards: [settings.seed, wildcards.prior, "prior"],
        samples=settings.evaluation.samples,
        points=plan.priors.sampled_points,
        schedule=plan.priors.unconditional_schedule,
        precision=settings.execution.precision,
        execution=execution,


rule evaluate_prior:
    input:
        samples=paths.PRIOR_SAMPLES,
        clouds=paths.TRAINING_CLOUDS,
        references=plan.priors.references,
    output:
        table=paths.EVALUATION,
        nearest=paths.NEAREST_CLOUDS,
    threads: 4
    params:
        seed=settings.seed,
        augmentation=lambda wildcards: plan.priors.prior(wildcards).training.augmentation,
    script:
        "../../scripts/priors/evaluate_prior.py"
