"""The knowledge base in the desk: reading at work, writing, publishing."""
