# data sets of shapes: their clouds and training sets; what is measured and reconstructed of them stands beside the
# molecules' rules


# objects in the layout of ShapeNet's part annotation; the same file whatever the cores
rule generate_standin:
    output:
        paths.STANDIN,
    localrule: True
    conda:
        "../../envs/structures.yaml"
    threads: 8
    params:
        standin=plan.datasets.standin(),
    message:
        "Generating objects that stand in for ShapeNet's"
    script:
        "../../scripts/shapes/generate_standin.py"


rule read_shape:
    input:
        plan.datasets.archive_of,
    output:
        paths.CLOUD,
    wildcard_constraints:
        structure=plan.datasets.shapes,
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=1000, runtime=10),
    params:
        shape=plan.datasets.shape,
        points=lambda wildcards: plan.datasets.points(wildcards.structure),
        seed=settings.seed,
        archive=plan.datasets.place,
    message:
        "Reading the shape {wildcards.structure}"
    script:
        "../../scripts/shapes/read_shape.py"


rule pack_training_shapes:
    input:
        plan.priors.archive_of,
    output:
        clouds=paths.TRAINING_CLOUDS,
        failures=paths.TRAINING_FAILURES,
    wildcard_constraints:
        prior=plan.priors.of_shapes,
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=8000, runtime=60),
    params:
        packing=plan.priors.shape_packing,
        archive=plan.priors.archive,
    message:
        "Packing the shapes that {wildcards.prior} learns from"
    script:
        "../../scripts/shapes/pack_training_shapes.py"


ruleorder: pack_training_shapes > pack_training_clouds


# Table 3 compares samples of a prior of shapes with the test split
rule pack_reference_shapes:
    input:
        plan.priors.archive_of,
    output:
        paths.REFERENCE_CLOUDS,
    wildcard_constraints:
        prior=plan.priors.of_shapes,
    conda:
        "../../envs/structures.yaml"
    resources:
        **least(mem_mb=4000, runtime=30),
    params:
        packing=plan.priors.shape_packing,
        archive=plan.priors.archive,
    message:
        "Packing the test shapes that samples of {wildcards.prior} are compared with"
    script:
        "../../scripts/shapes/pack_reference_shapes.py"
