"""The validation report: one self-contained page made from `validation.json`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

_CSS = """
body{font:15px/1.5 system-ui,sans-serif;color:#1d2733}
body{max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #dde3ea;vertical-align:top}
th{font-weight:600;color:#52606d}
.scroll{overflow-x:auto}
.state{display:inline-block;padding:0 .5rem;border-radius:.6rem;color:#fff;background:#5b6773}
.green,.pass{background:#22763f}.amber{background:#9a5b00}.red,.fail{background:#b3261e}
.note{color:#52606d}
"""
_WIDTH, _LEFT, _ROW = 640, 110, 26  # of the interval chart, in pixels


def page(content: Mapping[str, Any]) -> str:
    """The page as HTML; the same content gives the same page."""
    parts = [
        _head(content),
        _reasons(content),
        _section("AUC of each window, 95 % interval", _chart(content))
        if content["windows"]
        else "",
        _section("Windows", _windows(content["windows"])) if content["windows"] else "",
        _section("Gates", _gates(content["gates"])) if content["gates"] else "",
        _champion(content["comparison"]),
        _benchmark(content["benchmark"]),
        _masked(content["masked"]),
        *(_fairness(column) for column in content["fairness"]),
    ]
    title = f"Validation of {escape(content['version'])}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_CSS}</style></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _head(content: Mapping[str, Any]) -> str:
    champion = content["champion"] or "none"
    return (
        f"<h1>{escape(content['version'])} {_state(content['verdict'])}</h1>"
        f'<p class="note">As of {escape(content["as_of"])},'
        f" policy {escape(content['policy'][:12])}, champion {escape(champion)}."
        f" Windows: {escape(_cohorts(content['cohorts']))}.</p>"
    )


def _cohorts(windows: Sequence[Sequence[str]]) -> str:
    return "; ".join(
        window[0][:7] if len(window) == 1 else f"{window[0][:7]} to {window[-1][:7]}"
        for window in windows
    )


def _reasons(content: Mapping[str, Any]) -> str:
    items = "".join(f"<li>{escape(reason)}</li>" for reason in content["reasons"])
    return _section("Why it did not pass", f"<ul>{items}</ul>") if items else ""


def _chart(content: Mapping[str, Any]) -> str:
    windows, floor = content["windows"], content["limits"]["auc_floor"]
    low: float = min([floor, *(window["auc"]["lower"] for window in windows)]) - 0.02

    def x(value: float) -> float:
        return _LEFT + (value - low) / (1 - low) * (_WIDTH - _LEFT - 20)

    height = _ROW * len(windows) + 24
    rows = "".join(_bar(window, _ROW * place + 14, x) for place, window in enumerate(windows))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="100%" role="img"'
        f' aria-label="AUC of each window with its interval" font-size="12">'
        f'<line x1="{x(floor):.1f}" x2="{x(floor):.1f}" y1="0" y2="{height - 18}" stroke="#b3261e"'
        f' stroke-dasharray="4 3"/><text x="{x(floor):.1f}" y="{height - 4}" text-anchor="middle"'
        f' fill="#b3261e">floor {floor:.2f}</text>{rows}</svg>'
    )


def _bar(window: Mapping[str, Any], y: int, x: Callable[[float], float]) -> str:
    auc = window["auc"]
    return (
        f'<text x="0" y="{y + 4}">{escape(window["name"])}</text>'
        f'<line x1="{x(auc["lower"]):.1f}" x2="{x(auc["upper"]):.1f}" y1="{y}" y2="{y}"'
        f' stroke="#2f5d8a" stroke-width="3"/><circle cx="{x(auc["auc"]):.1f}" cy="{y}" r="5"'
        f' fill="#2f5d8a"><title>{auc["auc"]:.3f}</title></circle>'
    )


def _windows(windows: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ["window", "rows", "bads", "AUC", "Gini", "KS", "O/E", "Brier", "ECE", "score PSI",
         "inversions", "precision", "recall"],
        [
            [
                window["name"], str(window["rows"]), str(window["bads"]),
                _interval(window["auc"], "auc"), _number(window["gini"]), _number(window["ks"]),
                _interval(window["oe"], "ratio"), _number(window["brier"]), _number(window["ece"]),
                _number(window["score_psi"]), str(window["inversions"]),
                _number(window["precision"]["value"]), _number(window["recall"]["value"]),
            ]
            for window in windows
        ],
    )  # fmt: skip


def _gates(gates: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ["gate", "window", "state", "value", "limit", "95 % interval", "p", "sample", "reason"],
        [
            [
                gate["gate"], gate["window"], gate["state"], _number(gate["value"]),
                _number(gate["limit"]),
                "" if gate["lower"] is None else f"{gate['lower']:.3f} to {gate['upper']:.3f}",
                _number(gate["p_value"]), str(gate["sample"]), gate["reason"],
            ]
            for gate in gates
        ],
        state_column=2,
    )  # fmt: skip


def _champion(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return ""
    rows = [
        [name, _number(pair["auc_a"]), _number(pair["auc_b"]), _interval(pair, "difference"),
         _number(pair["p_superior"])]
        for name, pair in [("pooled", found["pooled"])] + [(w["name"], w) for w in found["windows"]]
    ]  # fmt: skip
    head = ["rows of", "challenger AUC", "champion AUC", "difference", "p superior"]
    oe, brier = found["oe"], found["brier"]
    text = (
        f"The challenger is {found['outcome']}, on {found['rows']} rows that neither it nor"
        f" {found['champion']} was trained on. Brier {brier['challenger']:.4f} against"
        f" {brier['champion']:.4f} (p {brier['p_value']:.3f});"
        f" O/E {_interval(oe['challenger'], 'ratio')} against {_interval(oe['champion'], 'ratio')}."
    )
    return _section("Against the champion", f"<p>{escape(text)}</p>{_table(head, rows)}")


def _benchmark(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return ""
    said = "better than" if found["better"] else "not shown to be better than"
    text = (
        f"The model is {said} the logistic scorecard: AUC {found['auc']:.3f} against"
        f" {found['benchmark_auc']:.3f}, difference {_interval(found, 'auc_difference')}."
    )
    return _section("Against the scorecard", f"<p>{escape(text)}</p>")


def _masked(masked: Mapping[str, Mapping[str, Any]]) -> str:
    if not masked:
        return ""
    rows = [
        [source, "pass" if found["passed"] else "held back", found["reason"]]
        for source, found in sorted(masked.items())
    ]
    return _section(
        "With a source down", _table(["source", "applications", "measured on all windows"], rows)
    )


def _fairness(column: Mapping[str, Any]) -> str:
    rows = [
        [
            group["group"], str(group["rows"]), str(group["bads"]), group["signal"],
            _maybe(group["auc"], "auc"), _maybe(group["oe"], "ratio"),
            _maybe(group["approved"], "value"), _maybe(group["approval_ratio"], "value"),
            _maybe(group["difference"], "value"),
        ]
        for group in column["groups"]
    ]  # fmt: skip
    head = ["group", "rows", "bads", "signal", "AUC", "O/E", "approved", "of the largest group's",
            "PD apart, sd"]  # fmt: skip
    note = (
        '<p class="note">A screening signal, no legal test: it shows where to look. All windows;'
        " approved is a PD below the cut-off; ratio and distance are to the largest group.</p>"
    )
    left_out = " (not in the model)" if column["protected"] else ""
    title = f"By {column['text']}{left_out}"
    return _section(title, note + _table(head, rows, state_column=3))


def _maybe(found: Mapping[str, Any] | None, name: str) -> str:
    return "" if found is None or found[name] is None else _interval(found, name)


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>{body}"


def _table(head: Iterable[str], rows: Iterable[Sequence[str]], state_column: int = -1) -> str:
    titles = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "".join(
        "<tr>"
        + "".join(
            f"<td>{_state(cell) if place == state_column else escape(cell)}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><tr>{titles}</tr>{lines}</table></div>'


def _state(state: str) -> str:
    return f'<span class="state {escape(state)}">{escape(state)}</span>'


def _interval(found: Mapping[str, Any], name: str) -> str:
    return f"{found[name]:.3f} [{found['lower']:.3f}, {found['upper']:.3f}]"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
