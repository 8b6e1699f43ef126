"""What attention costs: time and memory of every mechanism over the length, as measured."""
