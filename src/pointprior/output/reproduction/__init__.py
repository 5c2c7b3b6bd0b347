"""What the paper prints, beside what was computed."""

from pointprior.output.reproduction.differences import Source
from pointprior.output.reproduction.page import write_page
from pointprior.output.reproduction.printed import places_of, printed, table4
from pointprior.output.reproduction.results import Results

__all__ = ["Results", "Source", "places_of", "printed", "table4", "write_page"]
