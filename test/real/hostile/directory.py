"""What the root of a container does to the directory of its listeners. argv: which attack, a socket of the host's that is not its own."""
import array
import atexit
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys

ATTACK, ELSEWHERE = sys.argv[1:]
AT_FDCWD = -100
RENAME_EXCHANGE = 2
CLONE_NEWNET = 0x40000000
SO_PASSPIDFD = 76
SCM_CREDENTIALS = 2
SCM_PIDFD = 4
NOBODY = 65534  # who has no id here
held = []  # what stays open


def bind(name, kind=socket.SOCK_DGRAM):
    """A socket with a name in the directory."""
    bound = socket.socket(socket.AF_UNIX, kind)
    bound.bind(name)
    held.append(bound)
    return bound


def told(bound):
    """Waits until the relay has told it of a device."""
    bound.settimeout(10)
    assert bound.recv(65536).startswith(b"add@")
    return bound


def renamed(name, make):
    """Nobody sees it until it is as it is to be."""
    made = bind(".hidden")
    make(made)
    os.rename(".hidden", name)
    return made


def call(name, number, *arguments):
    """A call of the system that Python has no word for."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def exchange(one, other):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, one.encode(), AT_FDCWD, other.encode(), RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def refused(attempt):
    try:
        attempt()
    except OSError:
        return
    raise AssertionError("it was not refused")


# Each of these is done once.


def mute():
    bind("mute.sock")


def dead():
    bind("dead.sock").close()


def renames():
    bind("one.sock")
    os.rename("one.sock", "two.sock")


def symlinks():
    os.symlink(ELSEWHERE, "link.sock")
    os.symlink("self.sock", "self.sock")
    os.symlink("..", "above.sock")
    os.symlink(os.path.dirname(ELSEWHERE), "linked")
    os.symlink("linked/" + os.path.basename(ELSEWHERE), "far.sock")


def fifo():
    os.mkfifo("fifo.sock")


def others():
    open("file.sock", "w").close()
    os.makedirs("directory.sock/deeper.sock")
    bind("stream.sock", socket.SOCK_STREAM).listen()
    bind("packets.sock", socket.SOCK_SEQPACKET).listen()


def many_dead():
    for number in range(500):
        bind(f"{number}.sock").close()
    held.clear()


def files():
    for number in range(5000):
        open(f"{number}{'x' * 240}.sock", "w").close()


def hundred_thousand():
    for number in range(100_000):
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        bound.bind(f"{number}.sock")
        bound.close()


def names():
    text = [b"new\nline.sock", b"\x1b[2J\x1b]0;owned\x07.sock", "\u202egnp.sock".encode(), b"--help.sock", b"%s%n.sock"]
    longest = b"x" * 102 + b".sock"  # 107 bytes
    for each in [*text, longest]:
        told(bind(each))
    os.rename(longest, b"x" * 250 + b".sock")  # no socket can be bound to it, nor connected to
    told(held[-1])
    for each in [b"\xff\xfe.sock", b"\xc0\xaf.sock", b"..sock", b".sock"]:
        bind(each)


def self_connected():
    renamed("self.sock", lambda each: each.connect(".hidden"))


def self_connected_later():
    told(bind("self.sock")).connect("self.sock")


def pair():
    bind("one.sock")
    renamed("two.sock", lambda each: each.connect("one.sock"))


def shut():
    renamed("shut.sock", lambda each: each.shutdown(socket.SHUT_RD))
    told(bind("later.sock")).shutdown(socket.SHUT_RDWR)


def credentials():
    """Asks for all that the kernel says of who sends, and tries what that is good for."""

    def ask(each):
        each.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        each.setsockopt(socket.SOL_SOCKET, SO_PASSPIDFD, 1)

    asking = renamed("asking.sock", ask)
    _, ancillary, _, sender = asking.recvmsg(65536, 4096)
    said = {kind: array.array("i", data) for _, kind, data in ancillary}
    assert sender is None and said[SCM_CREDENTIALS].tolist() == [0, NOBODY, NOBODY], (sender, said)
    [pidfd] = said[SCM_PIDFD]
    refused(lambda: signal.pidfd_send_signal(pidfd, signal.SIGKILL))
    refused(lambda: call("pidfd_getfd", 438, pidfd, 1, 0))
    refused(lambda: call("setns", 308, pidfd, CLONE_NEWNET))


def abstract():
    bind("\0/run/uevent/abstract.sock")
    bind("")  # the kernel chooses a name
    os.symlink("\x01", "abstract.sock")


def hard_links():
    bind("first.sock")
    for number in range(40):
        os.link("first.sock", f"{number}.sock")


def shuts():
    os.chmod(".", 0)


def gives_away():
    os.chown(".", 7, 7)


def covers():
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/uevent"], check=True)
    atexit.register(subprocess.run, ["umount", "--lazy", "/run/uevent"], check=True)
    os.chdir("/run/uevent")
    bind("covered.sock")


# These do something again and again: each `yield` is once.


def changes():
    while True:
        for number in range(100):
            open(f"{number}", "w").close()
            os.rename(f"{number}", f"{number}.moved")
            os.unlink(f"{number}.moved")
        yield


def exchanges():
    os.symlink(ELSEWHERE, "link.sock")
    os.symlink(ELSEWHERE, ".link")
    os.mkfifo("fifo.sock")
    while True:
        for other in ("link.sock", "fifo.sock"):
            bind(".own")
            os.rename(".own", "own.sock")  # as new, or nobody looks at it again
            for _ in range(10):
                exchange("own.sock", other)
            held.pop().close()
        yield


def comes_anew():
    while True:
        bind(".next")
        os.rename(".next", "own.sock")
        if len(held) > 1:
            held.pop(0).close()
        yield


os.chdir("/run/uevent")
again = globals()[ATTACK]()
for _ in zip(range(100), again or ()):
    pass
print("done", flush=True)
while not select.select([sys.stdin], [], [], 0 if again else None)[0]:
    next(again)
