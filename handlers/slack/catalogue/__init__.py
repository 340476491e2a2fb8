"""What people press, in each language: one class a language, one method a text.

Why no gettext is said in docs/decisions/typed-catalogue.md. Tested in `test_texts.py`.
"""
