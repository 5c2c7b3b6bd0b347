"""The results of a run as one page that needs nothing else: tables, plots, and models that can be turned."""
