"""From deposits to clouds: the archive, heavy atoms, Gaussian mixtures, connected parts."""
