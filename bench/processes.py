"""What processes cost: processor time and memory as Linux counts them, and what kind of machine this is."""

import os
import platform
import subprocess
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def parents() -> dict[int, int]:
    """Return the parent of every process."""
    return {int(entry.name): int(fields[1]) for entry in Path("/proc").glob("[0-9]*") if (fields := _stat(entry))}


def children(pid: int) -> list[int]:
    """Return the processes this one has started."""
    return [child for child, parent in parents().items() if parent == pid]


def command(pid: int) -> str:
    """Return the command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def family(pid: int) -> list[int]:
    """Return the process and all its descendants."""
    known, found = parents(), [pid]
    for member in found:
        found += [child for child, parent in known.items() if parent == member]
    return found


def processor_seconds(pid: int | None) -> float:
    """Return the processor time of a process, its descendants and its children that have ended; nothing for None."""
    if pid is None:
        return 0.0
    ticks = 0
    for member in family(pid):
        if fields := _stat(Path(f"/proc/{member}")):
            ticks += sum(map(int, fields[11:15] if member == pid else fields[11:13]))
    return ticks / TICKS


def private_megabytes(pid: int) -> float:
    """Return the memory of the process's own, what several share divided among them; pages of files do not count."""
    return sum(int(line.split()[1]) for line in _rollup(pid) if line.startswith("Pss_Anon:")) / 1024


def proportional_megabytes(pid: int) -> float:
    """Return the memory of a process and its descendants; what several share is divided among them."""
    rollups = [_rollup(member) for member in family(pid)]
    return sum(int(line.split()[1]) for lines in rollups for line in lines if line.startswith("Pss:")) / 1024


def peak_megabytes(pid: int) -> float:
    """Return the most memory the process ever held, shared pages included."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def machine() -> str:
    """Return what kind of machine this is."""
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in cpus if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {memory:.0f} GB, Python {platform.python_version()}"


def commit() -> str:
    """Return the commit that was measured."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def _rollup(pid: int) -> list[str]:
    """Return the lines of /proc/PID/smaps_rollup; nothing when the process has gone."""
    try:
        return Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return []


def _stat(folder: Path) -> list[str]:
    """Return the fields of /proc/PID/stat behind the name: state, parent, …; nothing when the process has gone."""
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
