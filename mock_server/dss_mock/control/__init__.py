"""The mock's own HTTP interface under `/_mock/`, for programs in any language."""

from .endpoints import Control

__all__ = ["Control"]
