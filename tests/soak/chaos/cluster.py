"""A PostgreSQL of the run's own (Debian's package), which can be stopped and started again."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from aiohttp.test_utils import unused_port

CONNECTIONS = 60


class Cluster:
    """Loopback alone, in a folder that is gone afterwards."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not found:
            raise SystemExit("PostgreSQL is missing: run as root: apt-get install postgresql")
        self._programs = found[-1]
        self._folder = Path(tempfile.mkdtemp(prefix="chaos-postgres-"))
        self._as = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
        if self._as:
            shutil.chown(self._folder, "postgres")
        self._port = unused_port()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/postgres"
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")

    def _run(self, program: str, *options: str) -> None:
        command = (*self._as, str(self._programs / program), "-D", str(self._folder / "data"), *options)
        subprocess.run(command, cwd=self._folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self) -> None:
        """Answers when this returns."""
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c max_connections={CONNECTIONS}"
        self._run("pg_ctl", "-w", "-l", str(self._folder / "log"), "start", "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        """immediate: as when the power fails; fast: in order, talks cut off."""
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def close(self) -> None:
        """Gone."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
