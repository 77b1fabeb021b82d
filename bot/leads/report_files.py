"""A report as a file, drawn in a process of its own: the libraries are heavy."""

from bot import apart
from bot.leads.report import Report


def drawn(report: Report, kind: str, language: str) -> bytes:
    """The bytes of a "docx" or "xlsx". Blocking. Raises OSError or ApartFault."""
    if kind == "docx":
        return apart.call("bot.leads.report_docx:write", report, language)
    return apart.call("bot.leads.tables_book:write", report.tables, (report.office, report.title, report.subject))
