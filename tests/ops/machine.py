"""An empty machine that is booted (systemd-nspawn), and windows on it, into which blocks are typed."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

SHOWN = 4000
NSENTER = ("-m", "-u", "-i", "-p", "-C")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Window:
    """A shell on the machine that stays open, as an operator's does: it stands where the block before left it."""

    def __init__(self, machine: "Machine", user: str = "root") -> None:
        self._machine, self._n = machine, 0
        self._said, self._more = "", threading.Condition()
        self._shell = subprocess.Popen(
            machine.command(user, "bash"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        machine.windows.append(self)
        self.types("set -e -o pipefail; cd\n")

    def types(self, text: str) -> None:
        """Type into whatever reads the keyboard there."""
        self._shell.stdin.write(text.encode())
        self._shell.stdin.flush()

    def runs(self, text: str, seen: tuple[str, ...], *, waits: bool = True, seconds: float = 900) -> str:
        """Paste a block; until it is done (`waits`), or until it has printed what should be seen. What was printed."""
        self._n += 1
        before, done = len(self._said), f"done-{self._n}-"
        script = self._machine.root / "srv" / f"block-{id(self)}-{self._n}.sh"
        script.write_text(text, encoding="utf-8")
        script.chmod(0o644)
        keyboard = " </dev/null" if waits else ""
        self.types(f". /srv/{script.name}{keyboard}; echo {done}$?\n")
        return self.waits_for((*seen, f"{done}0") if waits else seen, before, seconds)

    def waits_for(self, parts: tuple[str, ...], since: int, seconds: float = 60) -> str:
        """Until all parts have been printed after `since`; an AssertionError shows what was printed instead."""
        end = time.monotonic() + seconds
        with self._more:
            while missing := [p for p in parts if p not in self._said[since:]]:
                left = end - time.monotonic()
                if self._shell.poll() is not None or left <= 0:
                    raise AssertionError(f"not seen: {missing}; seen:\n{self._said[since:][-SHOWN:]}")
                self._more.wait(min(left, 0.5))
            return self._said[since:]

    @property
    def printed(self) -> int:
        """How many letters so far: to wait for what comes after."""
        return len(self._said)

    def _listen(self) -> None:
        while heard := os.read(self._shell.stdout.fileno(), 65536):
            with self._more:
                self._said += heard.decode(errors="replace")
                self._more.notify_all()

    def closes(self) -> None:
        """Ctrl+C, and the window is shut."""
        self._machine.interrupt(self._shell.pid)
        with contextlib.suppress(BrokenPipeError):
            self._shell.stdin.close()
        try:
            self._shell.wait(20)
        finally:
            self._shell.kill()
            self._listener.join(10)
            self._shell.stdout.close()
            self._machine.windows.remove(self)


class Machine:
    """Made from an archive, booted, shut down, thrown away. It shares the network of the machine it runs on."""

    def __init__(self, archive: Path, root: Path) -> None:
        self.root, self.windows = root, []
        root.mkdir(mode=0o755)
        subprocess.run(["tar", "-C", root, "-xf", archive], check=True)

    def __enter__(self) -> "Machine":
        boot = ["systemd-nspawn", "-D", self.root, "--boot", "--register=no", "--keep-unit", "--hostname=may-trong"]
        with (self.root.parent / "boot.log").open("wb") as log:
            self._nspawn = subprocess.Popen(
                boot, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        for _ in range(60):
            time.sleep(1)
            if self._leader() and self.says("systemctl", "is-system-running").strip() in ("running", "degraded"):
                break
        else:
            self._ends()
            raise AssertionError((self.root.parent / "boot.log").read_text(errors="replace")[-SHOWN:])
        if list((self.root / "usr/local/share/ca-certificates").glob("*.crt")):
            self.says("sh", "-c", "apt-get update && apt-get install -y ca-certificates && update-ca-certificates")
        return self

    def __exit__(self, *_: object) -> None:
        self._ends()

    def _ends(self) -> None:
        for window in list(self.windows):
            window.closes()
        self.says("systemctl", "poweroff", "--force")
        try:
            self._nspawn.wait(30)
        except subprocess.TimeoutExpired:
            os.kill(int(self._leader()), signal.SIGKILL)
            self._nspawn.wait(10)
        shutil.rmtree(self.root, ignore_errors=True)

    def command(self, user: str, *command: str) -> list[str]:
        """The command as this user of the machine, in an environment of its own."""
        home = "/root" if user == "root" else self.says("sh", "-c", f"echo ~{user}").strip()
        settings = [f"HOME={home}", f"USER={user}", f"PATH={PATH}", "LANG=C.UTF-8", "TERM=dumb", "PYTHONUNBUFFERED=1"]
        become: list[str] = []
        if user != "root":
            number = self.says("id", "-u", user).strip()
            settings.append(f"XDG_RUNTIME_DIR=/run/user/{number}")
            become = ["runuser", "-u", user, "--"]
        return ["nsenter", "-t", self._leader(), *NSENTER, "env", "-i", *settings, *become, *command]

    def says(self, *command: str) -> str:
        """What a command prints there as root."""
        done = subprocess.run(self.command("root", *command), capture_output=True, text=True, check=False)
        return done.stdout

    def takes(self, source: Path, target: str, owner: str = "root") -> None:
        """Copy the project's committed files there, as an operator does from a stick."""
        folder = self.root / target
        folder.mkdir(parents=True)
        packed = subprocess.run(["git", "archive", "HEAD"], cwd=source, capture_output=True, check=True)
        subprocess.run(["tar", "-C", folder, "-x"], input=packed.stdout, check=True)
        self.says("chown", "-R", f"{owner}:{owner}", f"/{target}")

    def interrupt(self, pid: int) -> None:
        """SIGINT to everything below a window's shell, deepest first."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended by itself
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                self.interrupt(int(child))
                os.kill(int(child), signal.SIGINT)

    def _leader(self) -> str:
        pid = self._nspawn.pid
        told = Path(f"/proc/{pid}/task/{pid}/children")
        return told.read_text().split()[0] if told.exists() and told.read_text().split() else ""
