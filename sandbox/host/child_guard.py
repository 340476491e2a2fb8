"""Runs a server that ends with its parent process: `python child_guard.py MODULE FOLDER`.

The parent holds the other end of this process's standard input and writes nothing. When the
parent is gone, by SIGKILL too, the kernel closes the pipe. This process then removes FOLDER and
kills its process group, with every worker that MODULE started.

Linux's PR_SET_PDEATHSIG is not used: it also fires when the *thread* that started the child
ends (prctl(2)), it reaches one process and not its children, and no other system has it.

Tested in `tests/e2e/test_serve.py`.
"""

import os
import runpy
import shutil
import signal
import sys
import threading


def _end_with_parent(folder: str) -> None:
    while os.read(0, 1024):
        continue
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    module, given_folder = sys.argv[1:]
    sys.argv[1:] = []
    threading.Thread(target=_end_with_parent, args=(given_folder,), daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
