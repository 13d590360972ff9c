"""The portal's report form as a way in."""
