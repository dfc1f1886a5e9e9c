"""Questions about one report or one policy set: why, what if, what next, how certain, what is there."""
