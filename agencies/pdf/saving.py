"""Writes a PDF so that the same content gives the same bytes."""

import io

import pikepdf


def saved(whole: pikepdf.Pdf) -> bytes:
    """The file's bytes; its id comes from its content."""
    target = io.BytesIO()
    whole.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()
