rule export_models:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud=paths.CLOUD,
    output:
        paths.MODELS_CIF,
        paths.MODELS_PDB,
    conda:
        "../../envs/scores.yaml"
    resources:
        **least(mem_mb=2000, runtime=10),
    params:
        title=plan.tasks.title,
        frame=plan.datasets.frame,
    message:
        "Writing the models of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/output/export_models.py"


rule export_densities:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud=paths.CLOUD,
    output:
        mean=paths.MEAN_DENSITY,
        localisation=paths.LOCALISATION_DENSITY,
    conda:
        "../../envs/scores.yaml"
    resources:
        **least(mem_mb=2000, runtime=10),
    params:
        resolution=plan.datasets.resolution,
        frame=plan.datasets.frame,
    message:
        "Writing the densities of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/output/export_densities.py"


rule export_views:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud=paths.CLOUD,
        models=paths.MODELS_CIF,
        mean=paths.MEAN_DENSITY,
        localisation=paths.LOCALISATION_DENSITY,
        deposit=plan.structures.deposit,
    output:
        paths.CHIMERAX_VIEW,
        paths.PYMOL_VIEW,
    conda:
        "../../envs/scores.yaml"
    resources:
        **least(mem_mb=2000, runtime=10),
    params:
        assembly=settings.structures.assembly,
        frame=plan.datasets.frame,
        fetched=plan.datasets.fetched,
    message:
        "Writing the views of {wildcards.structure}, {wildcards.task}, by {wildcards.method}"
    script:
        "../../scripts/output/export_views.py"
