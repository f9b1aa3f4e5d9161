"""ASKING AND KEEPING: who is asked what, the journal of replies, and the run folder that every number can be checked
from."""
