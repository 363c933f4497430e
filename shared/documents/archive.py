"""ZIP archives of the same bytes for the same content: no clock, no order but the given one."""

import io
import zipfile
from collections.abc import Mapping

from docx.document import Document as Word

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP archive can name


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a ZIP archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            told = zipfile.ZipInfo(name, _LONG_AGO)
            told.compress_type, told.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(told, content)
    return packed.getvalue()


def of_word(word: Word) -> bytes:
    """Return a Word file; its parts carry no time of their own."""
    saved = io.BytesIO()
    word.save(saved)
    with zipfile.ZipFile(saved) as parts:
        return pack({name: parts.read(name) for name in parts.namelist()})
