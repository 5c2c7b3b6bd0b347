"""Figures of the benchmark: scores by task, calibration, reconstructions, galleries of clouds, training curves."""

from pointprior.output.figures.calibration import plot_calibration
from pointprior.output.figures.reconstructions import Column, plot_clouds, plot_reconstruction, plot_reconstructions
from pointprior.output.figures.scores import plot_task, plot_training_curve
from pointprior.output.figures.series import plot_alpha_sweep, plot_noise
from pointprior.output.figures.style import save

__all__ = [
    "Column",
    "plot_alpha_sweep",
    "plot_calibration",
    "plot_clouds",
    "plot_noise",
    "plot_reconstruction",
    "plot_reconstructions",
    "plot_task",
    "plot_training_curve",
    "save",
]
