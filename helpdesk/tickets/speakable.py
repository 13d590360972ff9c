"""Signs that are read out on the phone without mistakes."""

# 31 signs, a prime: with weights 1 to 5 every single wrong sign and every
# swap of two signs changes the check sign. No 0/O, 1/I; no U beside V.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
LOOKALIKES = str.maketrans({"0": "Q", "O": "Q", "1": "J", "I": "J", "U": "V"})
