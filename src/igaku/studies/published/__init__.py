"""What others published: figures as data, and the totals of projects whose result files are at hand."""
