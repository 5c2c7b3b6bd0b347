"""Take a cloud that comes with the repository, in place of one fitted to a deposit."""

import json
from pathlib import Path

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.runtime.files import atomic_write

with logged(snakemake.log[0]):
    cloud = PointCloud.load(snakemake.input[0])
    if len(cloud.points) != snakemake.params.components:
        raise ValueError(
            f"{snakemake.input[0]} has {len(cloud.points)} points, the configuration asks for "
            f"{snakemake.params.components} (coarse_grain.components)"
        )
    report = {
        "structure": snakemake.wildcards.structure,
        "bundled": str(snakemake.input[0]),
        "spacing_angstrom": cloud.spacing(),
    }
    cloud.save(snakemake.output.cloud)
    with atomic_write(snakemake.output.report) as temporary:
        Path(temporary).write_text(json.dumps(report, indent=2) + "\n")
