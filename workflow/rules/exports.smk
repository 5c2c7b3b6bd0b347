rule export_models:
    input:
        reconstruction=plan.method,
        cloud="results/{structure}/cloud.npz",
    output:
        "results/{structure}/{task}/{method}.cif",
        "results/{structure}/{task}/{method}.pdb",
    conda:
        "../../envs/scores.yaml"
    resources:
        **least(mem_mb=2000, runtime=10),
    params:
        title=plan.title,
    message:
        "Writing the models of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/output/export_models.py"


rule export_densities:
    input:
        reconstruction=plan.method,
        cloud="results/{structure}/cloud.npz",
    output:
        mean="results/{structure}/{task}/{method}_mean.mrc",
        localisation="results/{structure}/{task}/{method}_localisation.mrc",
    conda:
        "../../envs/scores.yaml"
    resources:
        **least(mem_mb=2000, runtime=10),
    params:
        resolution=settings.density.resolution,
    message:
        "Writing the densities of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/output/export_densities.py"


rule export_views:
    input:
        reconstruction=plan.method,
        cloud="results/{structure}/cloud.npz",
        models="results/{structure}/{task}/{method}.cif",
        mean="results/{structure}/{task}/{method}_mean.mrc",
        localisation="results/{structure}/{task}/{method}_localisation.mrc",
        deposit=plan.deposit,
    output:
        "results/{structure}/{task}/{method}.cxc",
        "results/{structure}/{task}/{method}.pml",
    conda:
        "../../envs/scores.yaml"
    resources:
        **least(mem_mb=2000, runtime=10),
    params:
        assembly=settings.structures.assembly,
    message:
        "Writing the views of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/output/export_views.py"
