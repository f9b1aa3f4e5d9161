"""A field of a transformers configuration, whatever happens when it is read."""


def field(config: object, name: str) -> object:
    """The value; None where there is none. Of a field that differs by layer (Gemma 4, Step 3.7) the largest.

    transformers raises a RuntimeError where such a field is read of the whole configuration.
    """
    try:
        return getattr(config, name, None)
    except RuntimeError:
        found = (getattr(layer, name, None) for layer in getattr(config, "per_layer_config", ()))
        return max((value for value in found if isinstance(value, int | float)), default=None)
