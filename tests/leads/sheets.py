"""Workbooks as offices have them, made in memory for the tests."""

import io
import zipfile
from datetime import date

from openpyxl import Workbook

from bot.i18n import language
from bot.leads import reading
from bot.leads.importing import Reading

TODAY = date(2026, 11, 22)
SAY = language()
TRADES = {"may công nghiệp": "sewing", "nấu ăn": "cooking"}


def book(*rows, title="Danh sách"):
    made = Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(list(row))
    for cell in (c for row in made.active.iter_rows() for c in row if c.data_type == "f"):
        cell.data_type = "s"  # typed as a text
    packed = io.BytesIO()
    made.save(packed)
    packed.seek(0)
    return packed


def sheet(*rows):
    return reading.read(book(*rows), SAY)


def rules(commune="99001"):
    return Reading(commune, TODAY, SAY, lambda name: TRADES.get(name.lower(), ""))


def zipped(parts):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    packed.seek(0)
    return packed


def repacked(packed, name, change):
    """A workbook with one part changed."""
    with zipfile.ZipFile(packed) as file:
        parts = {n: file.read(n) for n in file.namelist()}
    parts[name] = change(parts[name])
    return zipped(parts)
