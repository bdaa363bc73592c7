"""Becomes another program that cannot outlive its parent: `python launch.py AS SIGNAL PROGRAM ARGUMENT...`

A file of its own, run by path: what happens between fork and exec must not run in a process that has threads. SIGNAL
is the number that the kernel sends this process when its parent dies, however it dies. AS is one of

- `self`: whoever started us;
- `namespace`: an ordinary user inside a fresh user namespace, for programs that refuse root. Their files stay root's
  own, nothing needs to be opened to anybody, and the program holds no capability outside;
- `UID:GID`: another user, where the system forbids namespaces.
"""

import ctypes
import os
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
INNER_ID = 1000

libc = ctypes.CDLL(None, use_errno=True)


def enter_namespace() -> None:
    """Continue as user and group 1000 of a fresh user namespace. Raises OSError where the system forbids it."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"unshare: {os.strerror(number)}")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INNER_ID} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{INNER_ID} {group} 1")


def become(identity: str) -> None:
    """Take on the identity that AS names."""
    if identity == "namespace":
        enter_namespace()
    elif identity != "self":
        user, group = identity.split(":")
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))


def main(arguments: list[str]) -> None:
    identity, signal, *command = arguments
    parent = os.getppid()
    become(identity)  # first: a change of credentials clears the death signal
    libc.prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)  # the parent died before the kernel was told
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
