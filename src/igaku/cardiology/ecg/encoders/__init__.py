"""The field's published encoders, written anew here and filled from the user's own download."""
