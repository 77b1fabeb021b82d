"""The commune's list: the workbook today; routing, duplicates and forwarding join it here."""
