rule reconstruct_dps:
    input:
        observations="results/{structure}/{task}/observations.npz",
        prior=plan.priors.prior_files,
    output:
        "results/{structure}/{task}/dps.npz",
    log:
        "results/logs/reconstruct_dps/{structure}/{task}.log",
    benchmark:
        "results/benchmarks/reconstruct_dps/{structure}/{task}.tsv"
    conda:
        "../../envs/torch.yaml"
    # one thread: the same numbers whatever the cores; a profile gives more where matchings are the bottleneck
    threads: 1
    resources:
        gpu=plan.priors.gpu,
        mem_mb=growing(8000),
        runtime=growing(120),
    params:
        code=code_of("reconstruction/reconstruct_dps"),
        energy=settings.energy,
        key=lambda wildcards: [
            settings.seed,
            wildcards.structure,
            wildcards.task,
            "dps",
        ],
        samples=settings.samples,
        steps=plan.tasks.steps,
        alpha=plan.tasks.alpha,
        beta=plan.tasks.beta,
        dps=settings.dps.deciding(without=("steps",)),
        precision=settings.execution.precision,
    message:
        "Sampling {wildcards.structure} given {wildcards.task} (gpu={resources.gpu})"
    script:
        "../../scripts/reconstruction/reconstruct_dps.py"


# the same posterior by another sampler, whose steps need no gradient of the network
rule reconstruct_pnp:
    input:
        observations="results/{structure}/{task}/observations.npz",
        prior=plan.priors.prior_files,
        initial=plan.outputs.initial,
    output:
        "results/{structure}/{task}/pnp.npz",
    log:
        "results/logs/reconstruct_pnp/{structure}/{task}.log",
    benchmark:
        "results/benchmarks/reconstruct_pnp/{structure}/{task}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=plan.priors.gpu,
        mem_mb=growing(8000),
        runtime=growing(60),
    params:
        code=code_of("reconstruction/reconstruct_pnp"),
        energy=settings.energy,
        key=lambda wildcards: [
            settings.seed,
            wildcards.structure,
            wildcards.task,
            "pnp",
        ],
        samples=settings.samples,
        pnp=settings.pnp.deciding(),
        precision=settings.execution.precision,
    message:
        "Plug-and-play sampling of {wildcards.structure} given {wildcards.task} (gpu={resources.gpu})"
    script:
        "../../scripts/reconstruction/reconstruct_pnp.py"


rule reconstruct_ml:
    input:
        observations="results/{structure}/{task}/observations.npz",
    output:
        "results/{structure}/{task}/ml.npz",
    log:
        "results/logs/reconstruct_ml/{structure}/{task}.log",
    benchmark:
        "results/benchmarks/reconstruct_ml/{structure}/{task}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        code=code_of("reconstruction/reconstruct_ml"),
        energy=settings.energy,
        key=lambda wildcards: [settings.seed, wildcards.structure, wildcards.task, "ml"],
        samples=settings.samples,
        ml=settings.ml.deciding(),
    message:
        "Maximising the likelihood of {wildcards.task} for {wildcards.structure}"
    script:
        "../../scripts/reconstruction/reconstruct_ml.py"


# the fair rival without a prior: as many gradients as DPS takes
rule reconstruct_ml_regularised:
    input:
        observations="results/{structure}/{task}/observations.npz",
    output:
        "results/{structure}/{task}/ml_regularised.npz",
    log:
        "results/logs/reconstruct_ml_regularised/{structure}/{task}.log",
    benchmark:
        "results/benchmarks/reconstruct_ml_regularised/{structure}/{task}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        code=code_of("reconstruction/reconstruct_ml_regularised"),
        energy=settings.energy,
        key=lambda wildcards: [
            settings.seed,
            wildcards.structure,
            wildcards.task,
            "ml_regularised",
        ],
        samples=settings.samples,
        ml=settings.ml_regularised.deciding(),
        steps=plan.tasks.steps,
        integrator=settings.dps.integrator,
    message:
        "Maximising the regularised likelihood of {wildcards.task} for {wildcards.structure}"
    script:
        "../../scripts/reconstruction/reconstruct_ml_regularised.py"


# control: what the prior gives without any measurement; the same samples stand beside every structure and task
rule sample_prior:
    input:
        plan.priors.prior_files,
    output:
        "results/priors/samples.npz",
    log:
        "results/logs/sample_prior.log",
    benchmark:
        "results/benchmarks/sample_prior.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        gpu=plan.priors.gpu,
        mem_mb=growing(8000),
        runtime=growing(120),
    params:
        code=code_of("reconstruction/sample_prior"),
        key=[settings.seed, settings.prior, "prior"],
        samples=settings.samples,
        points=settings.coarse_grain.components,
        unconditional=settings.unconditional.deciding(),
        precision=settings.execution.precision,
    message:
        "Sampling the prior without measurements (gpu={resources.gpu})"
    script:
        "../../scripts/reconstruction/sample_prior.py"


rule copy_prior:
    input:
        samples="results/priors/samples.npz",
        observations="results/{structure}/{task}/observations.npz",
    output:
        "results/{structure}/{task}/prior.npz",
    log:
        "results/logs/copy_prior/{structure}/{task}.log",
    benchmark:
        "results/benchmarks/copy_prior/{structure}/{task}.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        code=code_of("reconstruction/copy_prior"),
        energy=settings.energy,
    message:
        "Taking the energy of the prior's samples for {wildcards.structure} in {wildcards.task}"
    script:
        "../../scripts/reconstruction/copy_prior.py"


# control: the truth itself, which must score 0; its energy stands in every score table
rule copy_truth:
    input:
        cloud="results/{structure}/cloud.npz",
        observations="results/{structure}/{task}/observations.npz",
    output:
        "results/{structure}/{task}/truth.npz",
    log:
        "results/logs/copy_truth/{structure}/{task}.log",
    benchmark:
        "results/benchmarks/copy_truth/{structure}/{task}.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=growing(10),
    params:
        code=code_of("reconstruction/copy_truth"),
        energy=settings.energy,
    message:
        "Taking the energy of the true {wildcards.structure} in {wildcards.task}"
    script:
        "../../scripts/reconstruction/copy_truth.py"
