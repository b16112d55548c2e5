"""The models of notices."""

from notices.models.notice import Notice, NumberSeries, Service

__all__ = ["Notice", "NumberSeries", "Service"]
