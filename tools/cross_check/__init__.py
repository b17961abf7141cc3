"""A second witness for the golden files: it shares no code, language or library with their writer.

It reads a file as a stranger would, recomputes every number from the attribute `configuration` and
the published formulas, and demands the same bits. The arithmetic is that of Arb (interval
arithmetic whose intervals are proven to hold the exact value) and of `math.fsum` (a correctly
rounded sum).
"""
