"""Figures: those the server draws as SVG, and those the browser draws from plain data."""
