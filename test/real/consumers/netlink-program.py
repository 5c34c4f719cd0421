"""Programs that hear the kernel's group in unusual ways. argv: which; each event is a line of ACTION@DEVPATH."""
import ctypes
import os
import signal
import socket
import sys

DIRECTORY = "/run/uevent"
KOBJECT_UEVENT, SOL_NETLINK, ADD_MEMBERSHIP = 15, 270, 1


def open_netlink(groups=1):
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, KOBJECT_UEVENT)
    netlink.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    netlink.bind((0, groups))
    return netlink


def say(line):
    """In one piece: others write into the same pipe."""
    os.write(1, (line + "\n").encode())


def show(netlink, who=""):
    while True:
        data, cmsgs, _, sender = netlink.recvmsg(8192, 128)
        trusted = sender == (0, 1) and [bytes(12)] == [bytes(each) for _, _, each in cmsgs]
        say(who + data.split(b"\0")[0].decode() + ("" if trusted else " untrusted"))


def forked():
    """Both have the socket; the child reads on when the parent has closed it and is gone."""
    netlink = open_netlink()
    if os.fork():
        netlink.close()
        sys.exit()
    show(netlink)


def children():
    """Each opens its own."""
    for who in "ab":
        if os.fork() == 0:
            show(open_netlink(), who + " ")
    os.wait()


def later():
    """Joins its group when it is bound already, reads by a copy of the descriptor, and says something itself."""
    netlink = open_netlink(0)
    netlink.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, 1)
    copy = netlink.dup()
    netlink.close()
    (name,) = (each for each in os.listdir(DIRECTORY) if each.startswith(f"{os.getpid()}-"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.sendto(b"change@/devices/said/by/itself\0", f"{DIRECTORY}/{name}")
    show(copy)


def quits():
    """Shows one event and ends as it should."""
    netlink = open_netlink()
    print(netlink.recv(8192).split(b"\0")[0].decode(), flush=True)
    netlink.detach()  # or Python would close it


def dies():
    """Has no time to leave."""
    _netlink = open_netlink()
    os.kill(os.getpid(), signal.SIGKILL)


def reuses():
    """Closes its socket past the C library; what gets the number is no uevent socket."""
    number = open_netlink().detach()
    ctypes.CDLL(None).syscall({"x86_64": 3, "aarch64": 57}[os.uname().machine], number)
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    other.send(b"text")
    print(one.fileno() == number, *one.recvfrom(10), flush=True)


def answers():
    """What it is told of its socket."""
    netlink, other = open_netlink(), open_netlink(2)
    print(netlink.getsockname() == (os.getpid(), 1), other.getsockname()[0] not in (0, os.getpid()), flush=True)
    netlink.setblocking(False)
    for ask in (lambda: netlink.recv(10), lambda: netlink.sendto(b"x", (0, 2)), lambda: netlink.shutdown(socket.SHUT_RD)):
        try:
            ask()
        except OSError as error:
            print(type(error).__name__, error.errno, flush=True)


globals()[sys.argv[1]]()
