"""What the theme file can't say: the few lines of CSS, the logo, light or dark.

Each CSS line may fail without breaking the page. The constants are ours alone: nothing that comes
from a file, a user or a model is ever put into HTML or CSS.
"""

from pathlib import Path
from typing import Final

import streamlit as st

from services.palette import BLUE, INK, Theme

PAGE_ICON: Final = Path(__file__).with_name("page_icon.png")
"""A file of ours: an icon by shortcode would be fetched from a font host."""

# What is said lies in the header, where it covers nothing, and only the latest of it; on a narrow
# screen it lies above the composer. The uploader's button can't be told that it is the primary one.
# A browser that keeps in place what is in sight would push a new answer above the window.
_CSS = """
[data-testid="stBottomBlockContainer"]{padding-top:.6rem;padding-bottom:1.1rem}
[data-testid="stMainBlockContainer"],[data-testid="stBottomBlockContainer"]{
padding-left:2rem;padding-right:2rem}
@media (max-width:640px){
[data-testid="stMainBlockContainer"],[data-testid="stBottomBlockContainer"]{
padding-left:1rem;padding-right:1rem}}
.st-key-up [data-testid="stFileUploaderDropzone"]{min-height:6.5rem}
.st-key-up [data-testid="stFileUploaderDropzone"]>*{margin-top:auto;margin-bottom:auto}
.st-key-up [data-testid="stFileUploaderDropzone"] button{
background:var(--primary);border-color:var(--primary);color:#fff}
.st-key-up [data-testid="stFileUploaderDropzone"] button:hover{filter:brightness(.9)}
[data-testid="stToastContainer"]{top:.3rem;right:3.6rem;max-width:calc(100vw - 37rem)}
[data-testid="stToastContainer"] li:not(:last-child){display:none}
[data-testid="stToast"]{width:auto;max-width:40rem;min-height:2.4rem;align-items:center;
padding:.3rem .3rem .3rem .8rem;border:1px solid var(--edge)}
[data-testid="stToast"] p{font-size:.82rem;line-height:1.25}
@media (max-width:60rem){
[data-testid="stToastContainer"]{top:auto;bottom:9.5rem;left:1rem;right:1rem;max-width:none}}
[data-testid="stMain"]{scroll-padding-bottom:11rem;overflow-anchor:none}
[data-testid="stMainBlockContainer"]{position:relative}
[data-testid="stMainBlockContainer"]::before{content:"";position:absolute;top:0;left:0;width:1px;
height:1px;scroll-snap-align:start}
@keyframes to-top-0{from,to{scroll-snap-type:y mandatory}}
@keyframes to-top-1{from,to{scroll-snap-type:y mandatory}}
:is(button,a,summary,[role="tab"],[role="radio"]):focus-visible{
outline:2px solid currentColor!important;outline-offset:2px}
[data-testid="stSidebar"][aria-expanded="false"]{visibility:hidden}
.st-key-recent_conversations button{min-height:1.9rem;padding-top:0;padding-bottom:0}
.st-key-composer-engine-about button{min-height:1.6rem;padding:0 .45rem;border-radius:.3rem;
background:var(--badge);color:var(--badge-ink)}
.st-key-composer-engine-about button p{font-size:.875rem}
@media (prefers-reduced-motion:reduce){*,*::before,*::after{animation-duration:.01ms!important;
animation-iteration-count:1!important;transition:none!important}
[data-testid="stMain"]{animation-duration:.06s!important}}
"""
# A page can't be scrolled without JavaScript, but it snaps to its only snap point while it has to.
# It has to for a moment, whenever the animation's name changes; from then on it is the reader's.
_TO_TOP = """
[data-testid="stMain"]{animation:to-top-%d .06s}
"""
# The engine's label is a button that looks like a grey badge, since its words open on a click.
_CSS_LIGHT = """
:root{--badge:#EEF1F4;--badge-ink:#4A5562;--primary:#1B5FAA;--edge:#C9D0DA}
"""
# The primary colour as text has 3.9 : 1 on the dark ground, its darker shade of open menus 1.5.
_CSS_DARK = """
:root{--badge:#242B35;--badge-ink:#B4BDC8;--primary:#2A74CC;--edge:#36404D}
[data-testid="stTab"][aria-selected="true"] p,
[data-testid="stButtonGroup"] [aria-checked="true"] p{color:#8CBDF7}
button[kind="tertiary"]:is(:hover,:focus,:active,[aria-expanded="true"]),
button[kind="tertiary"]:is(:hover,:focus,:active,[aria-expanded="true"]) p{color:#8CBDF7!important}
"""


def current() -> Theme:
    """Light or dark, as the visitor's browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def style(theme: Theme, *, jumps: int = 0) -> None:
    """Put the CSS on the page; takes no room.

    When `jumps` is another number than before, the page moves to its top, once.
    """
    css = _CSS + (_CSS_DARK if theme == "dark" else _CSS_LIGHT)
    if jumps:
        css += _TO_TOP % (jumps % 2)
    st.html(f"<style>{css}</style>")


def logo(theme: Theme) -> str:
    """Containers on a ship, and the name: an SVG of 132 x 28 pixels for `st.logo`."""
    hue, ink = BLUE[theme], INK[theme]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="132" height="28" viewBox="0 0 110 24">'
        f'<g fill="{hue}"><rect x="7.5" y="5" width="6" height="5.5" rx="1"/>'
        '<rect x="4" y="11.5" width="6" height="5.5" rx="1"/>'
        '<rect x="11" y="11.5" width="6" height="5.5" rx="1"/>'
        '<path d="M1.5 18h18.5l-2.4 4.6a1.6 1.6 0 0 1-1.4.9H5.3a1.6 1.6 0 0 1-1.4-.9z"/></g>'
        f'<text x="27" y="19.5" fill="{ink}" font-size="15.5" font-weight="700"'
        ' font-family="Segoe UI, Helvetica Neue, Helvetica, Arial, sans-serif">Datadock</text>'
        "</svg>"
    )
