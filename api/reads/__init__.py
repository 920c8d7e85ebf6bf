"""What is read, an answer a function: the same for every way of asking."""
