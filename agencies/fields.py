"""Fields for personal data: text encrypted at rest, with a keyed index for exact search; the cipher of files."""

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField

_MARK = "e1:"


@lru_cache(maxsize=4)
def _key(purpose: str, secret: str) -> bytes:
    return hashlib.sha256(f"baoxue/{purpose}/{secret}".encode()).digest()


@lru_cache(maxsize=4)
def _cipher(secret: str) -> AESGCM:
    return AESGCM(_key("text", secret))


def file_cipher() -> AESGCM:
    """The cipher of files at rest; its key is another than that of texts, so that nonces never meet."""
    return AESGCM(_key("file", settings.DATA_KEY))


def encrypt(plain: str) -> str:
    """Ciphertext (AES-256-GCM, base64) of `plain`; the empty string stays empty."""
    if not plain:
        return ""
    nonce = os.urandom(12)
    return _MARK + base64.b64encode(nonce + _cipher(settings.DATA_KEY).encrypt(nonce, plain.encode(), None)).decode()


def decrypt(stored: str) -> str:
    """Plain text of what `encrypt` wrote; raises cryptography's InvalidTag if it was tampered with."""
    if not stored.startswith(_MARK):
        return stored
    raw = base64.b64decode(stored[len(_MARK) :])
    return _cipher(settings.DATA_KEY).decrypt(raw[:12], raw[12:], None).decode()


def blind_index(plain: str) -> str:
    """Keyed digest of a cleaned value: equal values meet, the value itself cannot be read back."""
    if not plain:
        return ""
    key = _key("index", settings.DATA_KEY)
    return hmac.new(key, plain.strip().upper().encode(), hashlib.sha256).hexdigest()[:40]


class EncryptedText(_Text):
    """Text kept encrypted in the database and plain in Python."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way in."""
        return encrypt(str(value)) if value else ""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str:
        """Decrypt on the way out."""
        return decrypt(value) if value else ""
