"""Around every page: name, logo, navigation, and a heartbeat that notices a restarted server."""

import streamlit as st

from components import theme, view_state

_HEARTBEAT_SECONDS = 60

st.set_page_config(
    page_title="Datadock",
    page_icon=str(theme.PAGE_ICON),
    layout="wide",
    menu_items={"About": "Datadock: ask questions of your data, and see first what they cost."},
)
st.logo(theme.logo(theme.current()))
page = st.navigation(
    [
        st.Page("analyse.py", title="Analyse", icon=":material/query_stats:", default=True),
        st.Page(
            "container_costs.py",
            title="Containers & cost",
            icon=":material/payments:",
            url_path="containers",
        ),
        st.Page(
            "settings_health.py",
            title="Settings & health",
            icon=":material/settings:",
            url_path="settings",
        ),
    ],
    position="top",
)
view_state.note_page(page.title)
page.run()


# Without a timer a page whose server was restarted looks alive, and stays as it was, until a click.
@st.fragment(run_every=_HEARTBEAT_SECONDS, key="heartbeat")
def _heartbeat() -> None:
    pass


_heartbeat()
