"""Static files under names that carry their digest; an address is worked out once a process, not for every page."""

from functools import cached_property, lru_cache
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage with its addresses kept: a page names a dozen files."""

    @cached_property
    def _address(self) -> Any:
        return lru_cache(maxsize=512)(super().url)

    def url(self, name: str | None, force: bool = False) -> str:
        """The address of a file, digest included. Raises ValueError for a file that is not in the manifest."""
        return str(self._address(name, force))
