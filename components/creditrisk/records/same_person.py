"""Whether two names of accounts look alike: a second person must have a name of their own."""

# ruff: noqa: RUF001 - ambiguous letters are what this file is about
import re
import unicodedata

# Unicode's Default_Ignorable_Code_Point, with what else is drawn as nothing
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Letter -> what is drawn like it, in any alphabet: of Unicode's list of confusables (UTS 39,
# version 15.1) all that remains different from it once case, width and accents are gone.
_DRAWN_LIKE = {
    "a": "ɑαаᎪᗅ⍺ꓮ𐊠𖽀",
    "b": "ƅβвьᏏᏴᑲᖯᗷꓐꞵ𐊂𐊡𐌁",
    "c": "σсᏟᴄⲥꓚ𐊢𐌂𐐽𐔜𑣩𑣲🝌",
    "d": "ԁᎠᏧᑯᗞᗪꓒꓓ",
    "e": "εеҽᎬ℮⋿ⴹꓰꬲ𐊆𑣆𑣎",
    "f": "ϝքᖴẝꓝꞙꬵ𐊇𐊥𐔥𑣂𝈓",
    "g": "ƍɡԍցᏀᏳᶃꓖ",
    "h": "ηнһհᎻᏂᕼⲏꓧ𐋏",
    "i": "1l|Ꮮᒪⳑꓡ𐑃𐔦𑣃𑣒𖼖𝈪ıǀɩɪιіӏ۱Ꭵᛁ∣⍳⏽│ⲓⵏꓲꙇ𐊊𐌉𐌠𑣃𖼨",
    "j": "ʝϳјᎫᒍꓙ",
    "k": "κкᏦᛕⲕꓗ𐔘",
    "m": "μϻмᎷᗰᛖⲙꓟ𐊰𐌑",
    "n": "νոռⲛꓠ𐔓",
    "o": "0οσоօ۵०০੦૦ଠ୦௦౦೦ഠ൦๐໐ဝ၀ჿዐᴏᴑⲟⵔ〇ꓳꬽ𐊒𐊫𐐬𐓪𐔖𑓐𑣈𑣕𑣗𑣠",
    "p": "ρрᏢᑭ⍴ⲣꓑ𐊕",
    "q": "ԛգզⵕ",
    "r": "ʀгᎡᎱᏒᖇᴦⲅꓣꭇꭈ𐓜𖼵𝈖",
    "s": "ƽѕտᏕᏚꓢꜱ𐊖𐑈𑣁𖼺",
    "t": "τтᎢ⊤⟙ⲧꓔ𐊗𐊱𐌕𑣜𖼊🝨",
    "u": "ʋυսሀᑌᴜ∪⋃ꓴꞟꭎꭒ𐓶𑣘𖽂",
    "v": "νѵ۷Ꮩᐯᴠ∨⋁ⴸꓦꛟ𐔝𑜆𑣀𖼈𝈍",
    "w": "ɯѡԝաᎳᏔᴡꓪ𑜊𑜎𑜏𑣦𑣯",
    "x": "×χхᕁᕽ᙭᙮ᚷ╳⤫⤬⨯ⲭⵝꓫꭓ𐊐𐊴𐌗𐌢𐔧𑣬",
    "y": "ɣʏγυуүყᎩᎽᶌỿⲩꓬꭚ𐊲𑣄𑣜𖽃",
    "z": "ζᏃᴢꓜ𐋵𑣄𑣉𑣥",
}
_BACKWARDS = re.compile("[\u202b\u202e\u2067]")  # what follows is drawn from right to left
_LETTERS = str.maketrans({one: like for like, ones in _DRAWN_LIKE.items() for one in ones})


def same_person(one: str, other: str) -> bool:
    """Whether two names cannot be distinguished by who reads them.

    They differ in no more than case, spaces, width, accents, what cannot be seen, the direction in
    which they are drawn, and letters of whichever alphabet that are drawn alike (`l`, `I` and `1`;
    a Latin and a Cyrillic `a`).
    """
    return not _as_read(one).isdisjoint(_as_read(other))


def same_account(one: str, other: str) -> bool:
    """The same, be the accounts in two places: `ann`, `ann@bank.com`, `BANK\\ann`."""
    return same_person(one, other) or same_person(_own_name(one), _own_name(other))


def _own_name(name: str) -> str:
    """Without domain, namespace or issuer, and without the tag of a mail address."""
    return re.split(r"[:\\/#]", re.split("[@+]", name)[0])[-1] or name


def _as_read(name: str) -> set[str]:
    drawn = {name, name[::-1]} if _BACKWARDS.search(name) else {name}
    return {_bare(one) for one in drawn}


def _bare(name: str) -> str:
    shown = _UNSEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()
    parts = unicodedata.normalize("NFKD", shown)
    # no accents, blanks and control characters
    bare = "".join(part for part in parts if unicodedata.category(part)[0] not in "MZC")
    return bare.translate(_LETTERS).replace("rn", "m").replace("vv", "w")
