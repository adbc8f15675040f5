"""Small SVG figures: elements with escaping, and axes with round ticks. Imported by explore and train."""
