"""Names of folders that something on the way takes for more than a name."""

NASTY = (
    *("with blank", " before", "after ", "new\nline", "tab\t", "\x01"),
    *("a#1", "a?x", "a%20b", "100%", "%2F", "a+b", "a&b;c", "a=b", "a:b", "@", "x:y/z"),  # URLs
    *("data[1]", "{a,b}", "*", "a?", "back\\slash", "\\", "[a:b]", "^!", ",a,b"),  # patterns
    *("$HOME", "${user.name}", "$1", "`date`", '"quoted"', "it's", "a|b<c>", "(1)"),  # shells
    *("kredit_ü", "u\u0308", "融資", "\N{CREDIT CARD}", "..dots", ".hidden", "_under", "~a"),
)
