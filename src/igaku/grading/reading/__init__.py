"""The reader of replies: which answer did a model finally give?

``text`` unifies a reply's signs; ``mentions`` finds where it names choices; ``stance`` says whether a sentence asserts,
denies or weighs them; ``statements`` finds what claims to be the answer; ``marks`` reads a verdict on each choice;
``decide`` takes the last statement of the strongest kind. ``quantity`` reads numbers. docs/methods.md says it in words.
"""
