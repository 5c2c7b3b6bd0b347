# samples of a method as models, maps, and scripts that open them over the deposit
rule export_models:
    input:
        reconstruction=plan.outputs.reconstruction,
        cloud=paths.CLOUD,
        deposit=plan.structures.deposit,
    output:
        models=[paths.MODELS_CIF, paths.MODELS_PDB],
        mean=paths.MEAN_DENSITY,
        localisation=paths.LOCALISATION_DENSITY,
        views=[paths.CHIMERAX_VIEW, paths.PYMOL_VIEW],
    conda:
        "../../envs/scores.yaml"
    params:
        title=plan.tasks.title,
        frame=plan.datasets.frame,
        resolution=plan.datasets.resolution,
        assembly=settings.structures.assembly,
        fetched=plan.datasets.fetched,
    script:
        "../../scripts/output/export_models.py"
