"""What programs may rely on: the API's conventions and its OpenAPI document."""
