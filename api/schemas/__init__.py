"""The contract as pydantic models: `requests` in, `responses` out."""
