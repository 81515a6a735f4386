from .scale import Scale, scaled

__all__ = ["Scale", "scaled"]
