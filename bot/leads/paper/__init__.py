"""The request for support (Mẫu số 01, NĐ 338/2025) filled in: what stands in it, as a PDF and as a Word document."""
