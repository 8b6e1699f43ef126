"""What concerns the machine: its files, places, memory and processes, and what it says of itself."""
