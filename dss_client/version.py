"""The version of the distribution `itksnap-dss-kit`."""

__version__ = "1.0.0.dev0"
