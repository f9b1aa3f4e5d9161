"""The field's benchmarks of 12-lead ECGs, read as they are downloaded: one command a suite, published AUROC beside it.

``task`` says what is predicted, ``ptb_xl``, ``flags`` and ``challenge`` read the data sets, ``published`` holds what
others report, ``benchmark`` fits, measures and shows.
"""
