"""The only code that talks to the outside: one file per service, in our words."""
