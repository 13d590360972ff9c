"""The knowledge base: sections of answers, public and internal, in several languages."""
