"""The report page: counting and choosing what it shows, drawing its charts, and writing it as one file."""
