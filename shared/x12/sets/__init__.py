"""One module or package per transaction set; the name says set and guide."""
