"""Posts of X as they come: streams listened to, gaps searched, deletions honoured."""
