# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder that plays the machine, and programs that change it as the real ones do."""

from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger import ledger
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.ledger import Ledger
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.store import Store
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.ledger.system import System
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.node.observed.shared import Unit
from ansible_collections.mlinfra.gpu_launch.plugins.module_utils.probe.root import Root


class Programs:
    """apt-get, userdel, gpasswd and systemctl on a table; fails where told."""

    def __init__(self, machine):
        self.machine = machine
        self.calls = []
        self.depends = {}  # package -> those that go with it
        self.orphans = [set(), set()]
        self.fail = {}

    def __call__(self, argv, deadline):
        self.calls.append(" ".join(argv))
        for start, answer in self.fail.items():
            if " ".join(argv).startswith(start):
                return answer
        if argv[:2] == ["apt-get", "-s"]:
            return 0, self.simulate(argv)
        if argv[0] == "apt-get":
            for name in argv[argv.index("--") + 1 :]:
                self.machine.packages.pop(name, None)
            self.machine.flush()
        return 0, ""

    def simulate(self, argv):
        if argv[-1] == "autoremove":
            found = self.orphans.pop(0) if len(self.orphans) > 1 else self.orphans[0]
        else:
            names = argv[argv.index("--") + 1 :]
            found = set(names).union(*(self.depends.get(name, set()) for name in names))
        return "Reading package lists...\n" + "".join(f"Remv {name} [1.0]\n" for name in sorted(found))

    def did(self, start):
        return [call for call in self.calls if call.startswith(start)]


class Box:
    def __init__(self, folder):
        self.folder = folder
        self.root = Root(str(folder))
        self.packages = {}
        self.programs = Programs(self)
        self.flush()

    def flush(self):
        text = "".join(
            f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n"
            for name, version in self.packages.items()
        )
        self.write("/var/lib/dpkg/status", text)

    def install(self, **packages):
        self.packages.update(packages)
        self.flush()

    def path(self, name):
        return self.folder / name.lstrip("/")

    def write(self, name, text):
        place = self.path(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    def ledger(self, check_mode=False):
        store = Store(str(self.folder / "ledger"))
        (self.folder / "ledger").mkdir(exist_ok=True)
        return Ledger(store, self.root, System(self.programs), check_mode)

    def undo(self, role="docker", **options):
        return self.ledger(**options).undo(role, purge=False)


def file(name, **extra):
    return {"kind": "file", "subject": name, **extra}


def record(box, *entries, role="docker"):
    return box.ledger().record(role, list(entries))


def kept(result):
    return {item["subject"]: item["reason"] for item in result["kept"]}


def undone(result):
    return [item["subject"] for item in result["undone"]]


def units(monkeypatch, **states):
    monkeypatch.setattr(ledger, "units", lambda root, names: {n: states.get(n.split(".")[0], Unit()) for n in names})
