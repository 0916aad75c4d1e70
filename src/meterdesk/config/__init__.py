"""Settings, routes and the assembly of the apps into one site."""
