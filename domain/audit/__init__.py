"""What a stage should have made of its input, recounted, and where that is not what is there."""
