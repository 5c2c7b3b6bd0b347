"""The homologue of a specimen of one's own as a file, where it was brought."""

import os

import gemmi

from pointprior.measurements.own_data import OwnData
from pointprior.runtime.files import atomic_write
from pointprior.structures.deposits import opened


def write_homologue(path: str | os.PathLike, data: OwnData) -> None:
    """Write the chains that are like the specimen, in Å from the centre of the images' boxes (mmCIF format).

    Raises
    ------
    ValueError
        If there is no homologue.
    StructureError
        If its file cannot be read any more.
    """
    found, files = data.measurements.homologue, data.files
    if found is None or files.homologue is None:
        raise ValueError("there is no homologue")
    motion = gemmi.Transform(gemmi.Mat33(found.rotation.T.tolist()), gemmi.Vec3(*found.shift))
    with opened(files.homologue) as deposit:
        model = deposit.structure[0]
        if files.homologue_chains:
            for chain in {chain.name for chain in model} - set(files.homologue_chains.split(",")):
                model.remove_chain(chain)
        model.transform_pos_and_adp(motion)
        deposit.structure.remove_empty_chains()
        # a crystal's axes, symmetry and assemblies were of the other frame
        deposit.structure.cell, deposit.structure.spacegroup_hm = gemmi.UnitCell(), ""
        deposit.structure.assemblies.clear()
        content = deposit.to_mmcif()
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)
