"""A report as a file; the libraries are heavy and loaded when one is drawn."""

from collections.abc import Callable

from bot.leads.report import Report


def drawn(report: Report, kind: str, say: Callable[..., str]) -> bytes:
    """The bytes of a "docx" or "xlsx"."""
    if kind == "docx":
        from bot.leads import report_docx

        return report_docx.write(report, say)
    from bot.leads import tables_book

    return tables_book.write(report.tables, (report.office, report.title, report.subject))
