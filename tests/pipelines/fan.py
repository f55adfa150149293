"""A pipeline of shapes that ours do not have: parallel tasks, an `else`, a number compared."""

from pathlib import Path

from kfp import compiler, dsl, kubernetes


@dsl.component(base_image="registry:5000/lab/creditrisk-ml@sha256:0123")
def one() -> int:
    return 1


@dsl.component(base_image="creditrisk-spark:1")
def two(x: int) -> str:
    return str(x)


@dsl.pipeline(name="fan", description="Out and in again.")
def fan(limit: int = 3):
    start = one()
    kubernetes.add_node_selector(start, "disk", "fast")
    kubernetes.set_timeout(start, 60)
    left, right = two(x=start.output), two(x=start.output)
    joined = one().after(left, right)
    with dsl.If(left.output == "1"):
        two(x=1)
    with dsl.Elif(joined.output > limit):
        two(x=one().output)
    with dsl.Else():
        two(x=3)


def compile_fan(folder: Path) -> Path:
    compiler.Compiler().compile(fan, str(folder / "fan.yaml"))
    return folder / "fan.yaml"
