"""`python -m dss_mock` is the command `dss-mock`."""

from .command import main

main(prog_name="dss-mock")
