"""What a run's folder claims, one file a kind of claim: computed again, and held against what the folder says."""
