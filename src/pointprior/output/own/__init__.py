"""What comes of one's own data: models, maps, views, poses, and a page that says how far to trust them."""

# of the files about one method's models, after its name
SUFFIXES = (
    *(".cif", ".pdb", "_mean.mrc", "_localisation.mrc", ".cxc", ".pml"),
    *("_spread.csv", "_images.csv", "_poses.star"),
)
HOMOLOGUE = "homologue.cif"  # the homologue, if there is one, where it was brought
