rule release_prior:
    input:
        plan.priors.released_files,
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
        code=code_of("priors/release_prior"),
    message:
        "Checking the released weights of {wildcards.prior}"
    script:
        "../../scripts/priors/release_prior.py"


# some sixty structures a job: thousands of them stay a small workflow; finished ones are kept if a job dies
rule coarse_grain_shard:
    output:
        "results/priors/{prior}/shards/{shard}.npz",
    log:
        "results/logs/coarse_grain_shard/{prior}/{shard}.log",
    benchmark:
        "results/benchmarks/coarse_grain_shard/{prior}/{shard}.tsv"
    retries: retried(2)
    conda:
        "../../envs/structures.yaml"
    resources:
        mem_mb=growing(8000),
        runtime=growing(240),
    params:
        code=code_of("priors/coarse_grain_shard"),
        entries=plan.priors.shard_entries,
        mixture=lambda wildcards: settings.coarse_grain.model_dump()
        | {"engine": plan.priors.prior(wildcards).training.engine},
        fits=lambda wildcards: plan.priors.prior(wildcards).training.fits,
        sub_assemblies=lambda wildcards: plan.priors.prior(
            wildcards
        ).training.sub_assemblies,
        assembly=settings.structures.assembly,
        seed=settings.seed,
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
    log:
        "results/logs/pack_training_clouds/{prior}.log",
    benchmark:
        "results/benchmarks/pack_training_clouds/{prior}.tsv"
    conda:
        "../../envs/structures.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        code=code_of("priors/pack_training_clouds"),
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
    log:
        "results/logs/train_prior/{prior}.log",
    benchmark:
        "results/benchmarks/train_prior/{prior}.tsv"
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
        code=code_of("priors/train_prior"),
        network=lambda wildcards: plan.priors.prior(wildcards).network.deciding(),
        training=plan.priors.deciding_training,
        seed=settings.seed,
        checkpoint=lambda wildcards: paths.CHECKPOINT.format(prior=wildcards.prior),
    message:
        "Training the prior {wildcards.prior} (gpu={resources.gpu})"
    script:
        "../../scripts/priors/train_prior.py"


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
        code=code_of("output/plot_training"),
    message:
        "Drawing the training curve of {wildcards.prior}"
    script:
        "../../scripts/output/plot_training.py"


# the prior without measurements: its samples beside clouds that it has not seen (Table 3) and as a gallery
rule sample_prior_set:
    input:
        weights="results/priors/{prior}/{folder}/weights.safetensors",
        card="results/priors/{prior}/{folder}/card.json",
        clouds="results/priors/{prior}/training_clouds.npz",
    output:
        "results/priors/{prior}/{folder}/samples.npz",
    log:
        "results/logs/sample_prior_set/{prior}/{folder}.log",
    benchmark:
        "results/benchmarks/sample_prior_set/{prior}/{folder}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=plan.priors.gpu,
        mem_mb=growing(16000),
        runtime=growing(480),
    params:
        code=code_of("priors/sample_prior_set"),
        seed=settings.seed,
        samples=settings.evaluation.samples,
        unconditional=settings.unconditional.deciding(),
        precision=settings.execution.precision,
    message:
        "Sampling {wildcards.prior} ({wildcards.folder}) for Table 3 (gpu={resources.gpu})"
    script:
        "../../scripts/priors/sample_prior_set.py"


rule evaluate_prior:
    input:
        samples="results/priors/{prior}/{folder}/samples.npz",
        clouds="results/priors/{prior}/training_clouds.npz",
    output:
        table="results/priors/{prior}/{folder}/evaluation.csv",
        nearest="results/priors/{prior}/{folder}/nearest.csv",
    log:
        "results/logs/evaluate_prior/{prior}/{folder}.log",
    benchmark:
        "results/benchmarks/evaluate_prior/{prior}/{folder}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 4
    resources:
        mem_mb=growing(8000),
        runtime=growing(240),
    params:
        code=code_of("priors/evaluate_prior"),
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
        pdf="results/priors/{prior}/{folder}/gallery.pdf",
        png=report(
            "results/priors/{prior}/{folder}/gallery.png",
            category="Priors",
            labels={"prior": "{prior}", "weights": "{folder}"},
            caption="../report/gallery.rst",
        ),
    log:
        "results/logs/plot_gallery/{prior}/{folder}.log",
    benchmark:
        "results/benchmarks/plot_gallery/{prior}/{folder}.tsv"
    conda:
        "../../envs/figures.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(15),
    params:
        code=code_of("output/plot_gallery"),
        shown=settings.evaluation.gallery,
    message:
        "Drawing samples of {wildcards.prior} ({wildcards.folder})"
    script:
        "../../scripts/output/plot_gallery.py"


rule collect_table3:
    input:
        plan.priors.evaluations(),
    output:
        report(
            "results/tables/table3.csv",
            category="Tables",
            labels={"table": "priors (Table 3)"},
            caption="../report/table3.rst",
        ),
    log:
        "results/logs/collect_table3.log",
    benchmark:
        "results/benchmarks/collect_table3.tsv"
    localrule: True
    conda:
        "../../envs/scores.yaml"
    params:
        code=code_of("scoring/collect_table3"),
        priors=list(settings.priors),
    message:
        "Collecting 1-NNA, COV and MMD of all priors"
    script:
        "../../scripts/scoring/collect_table3.py"
