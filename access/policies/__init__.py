"""What a reader of a dataset sees of it: masks, row filters and columns, as values and as rules that owners set."""
