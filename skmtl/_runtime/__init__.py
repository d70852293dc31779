"""Process-wide state and private corners of other libraries: entered here, and nowhere else."""
