"""Compare the spread of a method's samples with their error."""

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.files import atomic_write
from pointprior.scoring.calibration import assess_calibration

with logged(snakemake.log[0]):
    points = Reconstruction.load(snakemake.input.reconstruction).points
    table = assess_calibration(points, PointCloud.load(snakemake.input.cloud))
    for place, name in enumerate(("structure", "task", "method")):
        table.insert(place, name, snakemake.wildcards[name])
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)
