"""Everything below the line: rooms that know nothing of Streamlit."""
