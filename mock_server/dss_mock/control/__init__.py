"""The mock's own interface over HTTP, for programs in whatever language: `/_mock/`."""

from .interface import Control

__all__ = ["Control"]
