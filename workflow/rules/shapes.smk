# data sets of shapes: their clouds and training sets; what is measured and reconstructed of them stands beside the
# molecules' rules


# objects in the layout of ShapeNet's part annotation; the same file whatever the cores
rule generate_standin:
    output:
        paths.STANDIN,
    localrule: True
    threads: 8
    params:
        standin=plan.datasets.standin(),
    script:
        "../../scripts/shapes/generate_standin.py"


rule read_shape:
    input:
        plan.datasets.archive_of,
    output:
        plan.datasets.of_shapes(paths.CLOUD),
    params:
        shape=plan.datasets.shape,
        points=lambda wildcards: plan.datasets.points(wildcards.structure),
        seed=settings.seed,
        archive=plan.datasets.place,
    script:
        "../../scripts/shapes/read_shape.py"


# the test split too, with which Table 3 compares a prior's samples
rule pack_training_shapes:
    input:
        plan.priors.archive_of,
    output:
        clouds=paths.TRAINING_CLOUDS,
        references=paths.REFERENCE_CLOUDS,
        failures=paths.TRAINING_FAILURES,
    wildcard_constraints:
        prior=plan.priors.of_shapes,
    params:
        packing=plan.priors.shape_packing,
        archive=plan.priors.archive,
    script:
        "../../scripts/shapes/pack_training_shapes.py"


ruleorder: pack_training_shapes > pack_training_clouds
