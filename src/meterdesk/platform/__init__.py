"""Infrastructure without business words: database, jobs, files, web shell, API shell, activity.

Nothing here knows a meter. Every app may import from here; nothing here imports an app.
"""
