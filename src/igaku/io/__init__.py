"""The ground: files written whole, rows read with their place in every error, hashes, folders, downloads."""
