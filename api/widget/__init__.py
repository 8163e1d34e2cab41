"""The chat widget: the parts of `/widget.js`, the page at `/`, and what puts them together."""
