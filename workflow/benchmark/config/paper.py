"""The paper's measurements: the rows of Table 4 and the columns of Fig. 2."""

from benchmark.config.measurements import Showcase, Subunit, Task

# α belongs to the Frobenius sum. Table 4's is the one without `dps.guidance_clip`; with it, 300 was chosen on
# validation clusters where a low-resolution structure is known
PAPER_TASKS = {
    "p3x1024": Task(projections=3, alpha=40000, title="3 projections × 1024 points"),
    "p4x1024": Task(projections=4, alpha=60000, title="4 projections × 1024 points"),
    "p5x1024": Task(projections=5, alpha=80000, title="5 projections × 1024 points"),
    "p4x800": Task(projections=4, points=800, alpha=40000, title="4 projections × 800 points"),
    "p2x900_lr30": Task(
        projections=2,
        points=900,
        low_resolution=30,
        alpha=300,
        alpha_unclipped=4000,
        title="2 projections × 900 points + 30 low-res points",
    ),
    "p1x1024_lr40": Task(
        projections=1,
        low_resolution=40,
        alpha=300,
        alpha_unclipped=4000,
        title="1 projection × 1024 points + 40 low-res points",
    ),
    "p1x300_lr40": Task(
        projections=1,
        points=300,
        low_resolution=40,
        alpha=300,
        alpha_unclipped=4000,
        title="1 projection × 300 points + 40 low-res points",
    ),
} | {
    # beyond the paper: the first task with errors
    f"p3x1024_noise{noise}": Task(
        projections=3,
        noise=noise,
        alpha=40000,
        entries=["config/lists/mini.txt"],
        title=f"3 projections × 1024 points, noise {noise} Å",
    )
    for noise in (2, 5, 10)
}

PAPER_SHOWCASES = {
    "6ryr": Showcase(name="Nucleosome–CHD4", projections=5, alpha=80000, title="5 projections × 1024 points"),
    "6rdm": Showcase(name="F-ATP synthase", projections=4, alpha=60000, title="4 projections × 1024 points"),
    "6vvy": Showcase(name="RNA polymerase", projections=3, alpha=40000, title="3 projections × 1024 points"),
    "6id1": Showcase(
        name="Spliceosome",
        projections=1,
        low_resolution=40,
        alpha=300,
        alpha_unclipped=4000,
        title="1 projection × 1024 points + 40 low-res points",
    ),
    "6fvt": Showcase(
        name="26S proteasome",
        projections=3,
        subunit=Subunit(entity="^proteasome subunit (alpha|beta)"),
        alpha=40000,
        title="3 projections × 1024 points + 20S proteasome",
    ),
}
