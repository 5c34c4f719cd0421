"""Hears what a container is told, and tries each device that comes or goes, a line of JSON for each.
argv: `netlink`, or the path of a datagram socket to bind"""
import errno
import fcntl
import json
import os
import select
import socket
import stat
import sys
import termios
import threading

KOBJECT_UEVENT = 15
KERNEL_GROUP = 1
READ = 512  # bytes


def listen(where):
    if where == "netlink":
        netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, KOBJECT_UEVENT)
        netlink.bind((0, KERNEL_GROUP))
        return netlink
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    hidden = os.path.join(os.path.dirname(where), ".hidden")
    listener.bind(hidden)
    os.rename(hidden, where)
    return listener


def tell(**said):
    sys.stdout.write(json.dumps(said) + "\n")  # at once: threads write here


def tried(work):
    """`ok`, or the name of the error."""
    try:
        work()
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]


def opened(path):
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


def read(fd, subsystem):
    """What the device itself has to say; of a serial adapter, which says nothing, its modem lines."""
    if subsystem == "tty":
        return fcntl.ioctl(fd, termios.TIOCMGET, bytes(4))
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    poll.poll()
    return os.read(fd, READ)


def use(event, path):
    """Opens it, says so, and reads."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        return tell(**event, opened=errno.errorcode[error.errno])
    tell(**event, opened="ok")
    try:
        result = len(read(fd, event["subsystem"]))
    except OSError as error:
        result = errno.errorcode[error.errno]
    os.close(fd)  # first: who hears of it pulls the device out
    tell(**event, read=result)


def make_own(event, number):
    """A node of its own making, or the error with which none is made."""
    kind = stat.S_IFBLK if event["subsystem"] == "block" else stat.S_IFCHR
    own = "/tmp/own"
    made = tried(lambda: os.mknod(own, kind | 0o600, number))
    if made != "ok":
        return f"mknod {made}"
    result = tried(lambda: opened(own))
    os.unlink(own)
    return result


def miss(event, path, number):
    given = f"/run/probe/{'b' if event['subsystem'] == 'block' else 'c'}{os.major(number)}:{os.minor(number)}"
    tell(**event, node=tried(lambda: os.lstat(path)), own=make_own(event, number), given=tried(lambda: opened(given)))


listener = listen(sys.argv[1])
tell(action="listens")
while True:
    words = listener.recv(65536).decode().split("\0")
    said = dict(word.split("=", 1) for word in words if "=" in word)
    if "DEVNAME" not in said or said["ACTION"] not in ("add", "remove"):
        continue
    event = {"action": said["ACTION"], "devname": said["DEVNAME"], "subsystem": said["SUBSYSTEM"]}
    path = "/dev/" + said["DEVNAME"]
    if said["ACTION"] == "add":
        threading.Thread(target=use, args=(event, path)).start()
    else:
        miss(event, path, os.makedev(int(said["MAJOR"]), int(said["MINOR"])))
