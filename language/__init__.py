"""What a post is about: a spaCy pipeline, a BERT model behind it, and what both cost to load."""
