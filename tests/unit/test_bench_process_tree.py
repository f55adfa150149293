"""What a command costs is counted whole: also what its own processes never waited for."""

import sys

from bench.process_tree import measured

BUSY = "import time\nwhile time.process_time() < 0.5: pass"
LEFT_BEHIND = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BUSY!r}])"


def test_the_cpu_of_a_process_that_nobody_waited_for_is_counted():
    cost = measured([sys.executable, "-c", LEFT_BEHIND], limit=60)
    assert cost is not None
    assert cost.cpu_seconds >= 0.5
