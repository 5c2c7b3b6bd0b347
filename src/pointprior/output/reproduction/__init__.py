"""What the paper prints, beside what was computed."""

from pointprior.output.reproduction.comparison import Results
from pointprior.output.reproduction.page import write_page
from pointprior.output.reproduction.printed import places_of, printed, table4

__all__ = ["Results", "places_of", "printed", "table4", "write_page"]
