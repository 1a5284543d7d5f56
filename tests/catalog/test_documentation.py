"""Documentation: Markdown that strangers wrote, shown to everybody."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.documentation import is_own, plain, render

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=//evil.example></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](<javascript:alert(1)>)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    '![x](/a.png"onerror="alert(1))',
    '![x" onerror="alert(1)](/a.png)',
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example" onmouseover="alert(1))',
    "```html onload=alert(1)\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\n```',
    "<style>body{display:none}</style>",
    "<form action=//evil.example><input name=password></form>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<div style='position:fixed;inset:0'>x</div>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></mtext><mglyph><svg><mtext><style><img src=x onerror=alert(1)></style>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<x\x00onclick=alert(1)>",
    "| a |\n|:-:|\n| <script>alert(1)</script> |",
    "# <script>alert(1)</script>",
    "<a id=csrf name=body class=login-form>x</a>",
]

ELEMENTS = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p",
    "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"href", "title", "rel", "src", "alt", "start", "class"}


class Seen(HTMLParser):
    """What a browser would make of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


def assert_harmless(html: str) -> None:
    for tag, attributes in Seen(html).tags:
        assert tag in ELEMENTS
        assert set(attributes) <= ATTRIBUTES
        scheme = re.match(r"[\x00-\x20]*[a-zA-Z][a-zA-Z0-9+.-]*:", attributes.get("href", ""))
        assert scheme is None or scheme.group().lower() in {"http:", "https:", "mailto:"}
        assert is_own(attributes.get("src", "/"))
        assert re.fullmatch(r"((language|align)-[a-zA-Z0-9-]+)?", attributes.get("class", ""))


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_becomes_anything_but_text(attack: str) -> None:
    assert_harmless(render(attack))


@given(
    st.lists(
        st.sampled_from([*ATTACKS, "[", "](", ")", "`", "**", "\n\n", "> ", "- ", "x"]), max_size=6
    )
)
def test_no_mixture_of_attacks_does_either(parts: list[str]) -> None:
    assert_harmless(render("".join(parts)))


@given(st.text(max_size=200))
def test_any_text_renders_harmlessly_and_plainly(text: str) -> None:
    assert_harmless(render(text))
    assert "\n" not in plain(text)


def test_markdown_keeps_its_meaning() -> None:
    html = render(
        "# Orders\n\nOne *row* per **order**.\n\n| a | b |\n|:--|--:|\n| 1 | ~~2~~ |\n\n```sql\nselect 1\n```"
    )

    assert "<h2>Orders</h2>" in html
    assert "<em>row</em> per <strong>order</strong>" in html
    assert '<td class="align-right"><s>2</s></td>' in html
    assert '<code class="language-sql">' in html


def test_links_do_not_tell_where_they_were_followed_from() -> None:
    assert 'rel="noopener noreferrer nofollow"' in render("[docs](https://docs.example/a)")


def test_a_picture_on_another_site_becomes_a_link_to_it() -> None:
    html = render("![a chart](https://tracker.example/pixel.png)")

    assert "<img" not in html
    assert '<a href="https://tracker.example/pixel.png"' in html
    assert ">a chart</a>" in html


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("/static/a.png", True),
        ("//evil.example/a.png", False),
        ("/\\evil.example/a.png", False),
        ("/\t/evil.example/a.png", False),
        ("/\n/evil.example", False),
        ("https://evil.example", False),
        ("a.png", False),
        ("", False),
    ],
)
def test_only_a_path_from_the_root_stays_on_this_site(address: str, stays: bool) -> None:
    assert is_own(address) is stays


def test_plain_text_has_the_words_and_no_markup() -> None:
    markdown = "# Orders\n\nOne **row** per [order](https://x.example), un*belie*vable.\n\n- first\n- second"

    assert plain(markdown) == "Orders One row per order, unbelievable. first second"
