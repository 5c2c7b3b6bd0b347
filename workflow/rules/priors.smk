rule release_prior:
    input:
        plan.released_files,
    output:
        weights="results/priors/{prior}/released/weights.safetensors",
        card="results/priors/{prior}/released/card.json",
    log:
        "results/logs/release_prior/{prior}.log",
    benchmark:
        "results/benchmarks/release_prior/{prior}.tsv"
    localrule: True
    conda:
        "../../envs/torch.yaml"
    params:
        code=code_of("release_prior"),
    message:
        "Checking the released weights of {wildcards.prior}"
    script:
        "../../scripts/release_prior.py"


# some sixty structures a job: thousands of them stay a small workflow; finished ones are kept if a job dies
rule coarse_grain_shard:
    output:
        "results/priors/{prior}/shards/{shard}.npz",
    log:
        "results/logs/coarse_grain_shard/{prior}/{shard}.log",
    benchmark:
        "results/benchmarks/coarse_grain_shard/{prior}/{shard}.tsv"
    retries: 2
    conda:
        "../../envs/structures.yaml"
    resources:
        mem_mb=8000,
        runtime=240,
    params:
        code=code_of("coarse_grain_shard"),
        entries=plan.shard_entries,
        mixture=lambda wildcards: settings.coarse_grain.model_dump()
        | {"engine": plan.prior(wildcards).training.engine},
        assembly=settings.structures.assembly,
        seed=settings.seed,
    message:
        "Coarse-graining training structures of {wildcards.prior}, shard {wildcards.shard}"
    script:
        "../../scripts/coarse_grain_shard.py"


rule pack_training_clouds:
    input:
        plan.shards,
    output:
        clouds="results/priors/{prior}/training_clouds.npz",
        failures="results/priors/{prior}/failures.csv",
    log:
        "results/logs/pack_training_clouds/{prior}.log",
    benchmark:
        "results/benchmarks/pack_training_clouds/{prior}.tsv"
    conda:
        "../../envs/structures.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code_of("pack_training_clouds"),
        clusters=lambda wildcards: dict(plan.training_entries(wildcards.prior)),
        max_failed=lambda wildcards: plan.prior(wildcards).training.max_failed,
    message:
        "Packing the training clouds of {wildcards.prior}"
    script:
        "../../scripts/pack_training_clouds.py"


# stopped by a time limit it goes on from its checkpoint, which is no output: a failed rule's outputs are deleted
rule train_prior:
    input:
        "results/priors/{prior}/training_clouds.npz",
    output:
        weights="results/priors/{prior}/trained/weights.safetensors",
        card="results/priors/{prior}/trained/card.json",
        curve="results/priors/{prior}/trained/curve.csv",
    log:
        "results/logs/train_prior/{prior}.log",
    benchmark:
        "results/benchmarks/train_prior/{prior}.tsv"
    retries: 3
    conda:
        "../../envs/torch.yaml"
    threads: 8
    resources:
        gpu=plan.gpu,
        mem_mb=32000,
        runtime=2880,
    params:
        code=code_of("train_prior"),
        network=lambda wildcards: plan.prior(wildcards).network.model_dump(),
        training=lambda wildcards: plan.prior(wildcards).training.model_dump(
            exclude={"entries", "shard", "engine", "max_failed", "checkpoint_seconds"}
        ),
        seed=settings.seed,
        checkpoint=lambda wildcards: str(
            RESULTS / "checkpoints" / f"{wildcards.prior}.safetensors"
        ),
    message:
        "Training the prior {wildcards.prior} (gpu={resources.gpu})"
    script:
        "../../scripts/train_prior.py"


rule plot_training:
    input:
        "results/priors/{prior}/trained/curve.csv",
    output:
        pdf="results/priors/{prior}/trained/curve.pdf",
        png=report(
            "results/priors/{prior}/trained/curve.png",
            category="Priors",
            labels={"prior": "{prior}"},
            caption="../report/training.rst",
        ),
    log:
        "results/logs/plot_training/{prior}.log",
    benchmark:
        "results/benchmarks/plot_training/{prior}.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code_of("plot_training"),
    message:
        "Drawing the training curve of {wildcards.prior}"
    script:
        "../../scripts/plot_training.py"
