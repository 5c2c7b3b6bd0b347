"""Compare the spread of a method's samples with their error."""

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.files import written_whole
from pointprior.scoring.calibration import calibrate

with logged(snakemake.log[0]):
    points = Reconstruction.load(snakemake.input.reconstruction).points
    table = calibrate(points, PointCloud.load(snakemake.input.cloud))
    for place, name in enumerate(("structure", "task", "method")):
        table.insert(place, name, snakemake.wildcards[name])
    with written_whole(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)
