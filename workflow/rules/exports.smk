rule export_models:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud="results/{structure}/cloud.npz",
    output:
        "results/{structure}/{task}/{method}.cif",
        "results/{structure}/{task}/{method}.pdb",
    log:
        "results/logs/export_models/{structure}/{task}/{method}.log",
    benchmark:
        "results/benchmarks/export_models/{structure}/{task}/{method}.tsv"
    conda:
        "../../envs/scores.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        code=code_of("output/export_models"),
        title=plan.tasks.title,
    message:
        "Writing the models of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/output/export_models.py"


rule export_densities:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud="results/{structure}/cloud.npz",
    output:
        mean="results/{structure}/{task}/{method}_mean.mrc",
        localisation="results/{structure}/{task}/{method}_localisation.mrc",
    log:
        "results/logs/export_densities/{structure}/{task}/{method}.log",
    benchmark:
        "results/benchmarks/export_densities/{structure}/{task}/{method}.tsv"
    conda:
        "../../envs/scores.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        code=code_of("output/export_densities"),
        resolution=settings.density.resolution,
    message:
        "Writing the densities of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/output/export_densities.py"


rule export_views:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud="results/{structure}/cloud.npz",
        models="results/{structure}/{task}/{method}.cif",
        mean="results/{structure}/{task}/{method}_mean.mrc",
        localisation="results/{structure}/{task}/{method}_localisation.mrc",
        deposit=plan.structures.deposit,
    output:
        "results/{structure}/{task}/{method}.cxc",
        "results/{structure}/{task}/{method}.pml",
    log:
        "results/logs/export_views/{structure}/{task}/{method}.log",
    benchmark:
        "results/benchmarks/export_views/{structure}/{task}/{method}.tsv"
    conda:
        "../../envs/scores.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        code=code_of("output/export_views"),
        assembly=settings.structures.assembly,
    message:
        "Writing the views of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/output/export_views.py"
