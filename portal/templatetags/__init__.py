"""What templates may say: formatting of values and drawing of small marks; nothing here fetches."""
