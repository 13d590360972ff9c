"""What a town says of itself in its portal: legal texts, accessibility, notices."""
