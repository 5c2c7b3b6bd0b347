"""`python -m pointprior.cli`."""

from pointprior.cli import main

raise SystemExit(main())
