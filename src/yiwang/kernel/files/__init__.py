"""Encrypted content-addressed files, attachments, previews."""

import pylibmagic

LIBMAGIC = pylibmagic.data
