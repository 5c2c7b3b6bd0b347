"""Figures of the benchmark: scores by task, calibration, reconstructions, galleries of clouds, training curves."""

from pointprior.output.figures.calibration import plot_calibration
from pointprior.output.figures.categories import plot_categories
from pointprior.output.figures.costs import plot_costs
from pointprior.output.figures.courses import plot_courses
from pointprior.output.figures.galleries import plot_clouds
from pointprior.output.figures.reconstructions import Column, plot_reconstruction, plot_reconstructions
from pointprior.output.figures.relations import plot_error_against_spread, plot_points, plot_rmsd_against_spacing
from pointprior.output.figures.scores import plot_task, plot_training_curve
from pointprior.output.figures.series import plot_alpha_sweep, plot_noise, plot_time_steps, plot_views
from pointprior.output.figures.shapes import ShapeColumn, plot_shapes
from pointprior.output.figures.style import check_formats, save

__all__ = [
    "Column",
    "ShapeColumn",
    "check_formats",
    "plot_alpha_sweep",
    "plot_calibration",
    "plot_categories",
    "plot_clouds",
    "plot_costs",
    "plot_courses",
    "plot_error_against_spread",
    "plot_noise",
    "plot_points",
    "plot_reconstruction",
    "plot_reconstructions",
    "plot_rmsd_against_spacing",
    "plot_shapes",
    "plot_task",
    "plot_time_steps",
    "plot_training_curve",
    "plot_views",
    "save",
]
