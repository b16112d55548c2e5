"""Papers, their numbers, their service and their seals."""

from notices.models.notice import Notice, NumberSeries, Service
from notices.models.seal import Seal

__all__ = ["Notice", "NumberSeries", "Seal", "Service"]
