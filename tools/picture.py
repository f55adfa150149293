"""A pipeline and the layers its tasks read and write, as one SVG for light and dark pages."""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from tools.compiled import Pipeline
from tools.layout import BOX, HEADER, LEFT, PAD, Box, Frame, Layout, Point

RIGHT = 400  # where boxes end
COLUMN, MARGIN = 70, 52
HEAD = 6  # of an arrow
STYLE = """
  svg { --page: #fff; --ink: #1f2328; --dim: #59636e; --line: #818b98; --rail: #d1d9e0;
    --box: #f6f8fa; --frame: #0969da; --mark: #0969da }
  @media (prefers-color-scheme: dark) { svg { --page: #0d1117; --ink: #f0f6fc; --dim: #9198a1;
    --line: #7d8590; --rail: #30363d; --box: #212830; --frame: #4493f8; --mark: #4493f8 } }
  text { fill: var(--ink); font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
  .name { font: 600 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
  .big { font-size: 17px; font-weight: 600 }
  .dim { fill: var(--dim) }
  .mid { text-anchor: middle }
  .page { fill: var(--page) }
  .box { fill: var(--box); stroke: var(--line) }
  .frame { fill: var(--frame); fill-opacity: .06; stroke: var(--frame); stroke-opacity: .45 }
  .arrow { fill: none; stroke: var(--line); stroke-width: 1.5 }
  .always { stroke-dasharray: 4 3 }
  .head { fill: var(--line) }
  .rail { stroke: var(--rail) }
  .writes { fill: var(--mark); stroke: var(--mark); stroke-width: 1.5 }
  .reads { fill: var(--page); stroke: var(--mark); stroke-width: 1.5 }
"""

Marks = Mapping[str, Mapping[str, str]]


def picture(pipeline: Pipeline, layers: Mapping[str, Sequence[str]], marks: Marks) -> str:
    """`layers`: by place; `marks`: component -> layer -> reads, writes, or reads and writes."""
    layout = Layout()
    layout.place(pipeline.children)
    depths = 1 + max((frame.depth for frame in layout.frames), default=-1)
    first = RIGHT + PAD * depths + COLUMN
    names = [layer for place in layers.values() for layer in place]
    columns = {name: first + COLUMN * n for n, name in enumerate(names)}
    width, height = first + COLUMN * len(names) - COLUMN + MARGIN, layout.bottom + 6
    frames = sorted(layout.frames, key=lambda frame: frame.depth)
    return "\n".join(
        [
            *_opening(pipeline, width, height),
            *_legend(pipeline),
            *(_frame(frame, depths) for frame in frames),
            *_rails(layers, columns, layout.bottom - PAD),
            *(line for arrow in layout.arrows for line in _arrow(arrow)),
            *(line for arrow in layout.always for line in _arrow(arrow, "arrow always")),
            *(_row(box, marks[box.task.component], columns) for box in layout.boxes),
            "</svg>\n",
        ]
    )


def _opening(pipeline: Pipeline, width: int, height: int) -> Iterator[str]:
    tasks = ", ".join(dict.fromkeys(task.component for task in pipeline.tasks()))
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-labelledby="title desc">'
    )
    yield f'<title id="title">{pipeline.name}: its tasks, and what they read and write</title>'
    yield f'<desc id="desc">From top to bottom: {tasks}. {escape(pipeline.description)}</desc>'
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="page" width="{width}" height="{height}" rx="8"/>'


def _legend(pipeline: Pipeline) -> Iterator[str]:
    x = LEFT
    yield f'<text class="big" x="{x}" y="38">{pipeline.name}</text>'
    yield f'<text class="dim" x="{x}" y="60">{escape(pipeline.description)}</text>'
    x += 6
    for text, step in (("reads", 68), ("writes", 70), ("reads and writes", 0)):
        yield _dot(x, 82, text)
        yield f'<text class="dim" x="{x + 13}" y="86">{text}</text>'
        x += step


def _rails(
    layers: Mapping[str, Sequence[str]], columns: Mapping[str, int], bottom: int
) -> Iterator[str]:
    for place, names in layers.items():
        left, right = columns[names[0]] - COLUMN // 2 + 5, columns[names[-1]] + COLUMN // 2 - 5
        yield f'<text class="dim mid" x="{(left + right) // 2}" y="50">{place}</text>'
        yield f'<path class="rail" d="M{left} 60H{right}"/>'
    for name, x in columns.items():
        yield f'<text class="mid" x="{x}" y="82">{name}</text>'
        yield f'<path class="rail" d="M{x} 94V{bottom}"/>'


def _frame(frame: Frame, depths: int) -> str:
    width = RIGHT + PAD * (depths - frame.depth) - frame.x
    return (
        f'<rect class="frame" x="{frame.x}" y="{frame.top}" width="{width}"'
        f' height="{frame.bottom - frame.top}" rx="8"/>'
        f'<text x="{frame.x + PAD}" y="{frame.top + HEADER // 2 + 5}">{escape(frame.label)}</text>'
    )


def _arrow(points: Sequence[Point], style: str = "arrow") -> Iterator[str]:
    (x0, _), (x, y) = points[-2:]
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    yield f'<path class="{style}" d="{path}"/>'
    wings = f"l-{HEAD} -4v8z" if x > x0 else f"l-4 -{HEAD}h8z"
    yield f'<path class="head" d="M{x} {y}{wings}"/>'


def _row(box: Box, marks: Mapping[str, str], columns: Mapping[str, int]) -> str:
    """A task, and a line to the layers it touches."""
    name, title = box.task.component, box.task.title.partition(" (")[0]
    found = "; ".join(f"{mark} {layer}" for layer, mark in marks.items())
    title += ", always" if box.task.always else ""
    text = "" if title.lower() == name else f'<tspan class="dim" dx="9">{escape(title)}</tspan>'
    touched = {columns[layer]: mark for layer, mark in marks.items()}
    return "".join(
        (
            f"<g><title>{name}: {found}</title>",
            f'<path class="rail" d="M{RIGHT} {box.middle}H{max(touched)}"/>',
            f'<rect class="box" x="{box.x}" y="{box.y}" width="{RIGHT - box.x}" height="{BOX}"'
            ' rx="6"/>',
            f'<text x="{box.x + 12}" y="{box.middle + 5}"><tspan class="name">{name}</tspan>',
            f"{text}</text>",
            *(_dot(x, box.middle, mark) for x, mark in touched.items()),
            "</g>",
        )
    )


def _dot(x: int, y: int, mark: str) -> str:
    outer = f'<circle class="reads" cx="{x}" cy="{y}" r="6"/>'
    inner = f'<circle class="writes" cx="{x}" cy="{y}" r="%s"/>'
    return {"reads": outer, "writes": inner % 6, "reads and writes": outer + inner % 2.5}[mark]
