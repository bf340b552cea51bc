"""isinglass: machine learning in physics."""
