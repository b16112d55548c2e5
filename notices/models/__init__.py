"""Papers, their numbers, their service and their seals."""

from notices.models.notice import Notice, NumberSeries, Service
from notices.models.scan import NoticeProof
from notices.models.seal import Seal
from notices.models.unit_report import UnitReport

__all__ = ["Notice", "NoticeProof", "NumberSeries", "Seal", "Service", "UnitReport"]
