"""What the root of a container says to the netlink sockets of others in its network namespace. Prints how many sockets there are, and how many
messages the kernel took: by unicast, by multicast, by injection, as the kernel and as root."""
import os
import socket
import struct

UEVENT = 15
KERNEL, UDEV = 1, 2
SCM_CREDENTIALS = 2
HEADER = struct.Struct("=IHHII")
LIE = b"/devices/virtual/net/lie"


def event(action, seqnum=7):
    return b"%s@%s\0ACTION=%s\0DEVPATH=%s\0SUBSYSTEM=net\0INTERFACE=lie\0IFINDEX=77\0SEQNUM=%d\0" % (
        action, LIE, action, LIE, seqnum)


def ports():
    """Of all uevent sockets of this namespace."""
    with open("/proc/net/netlink") as table:
        rows = [line.split() for line in table]
    return [int(port) for _, protocol, port, *_ in rows[1:] if protocol == "15" and port != "0"]


def say(to, message, credentials=None):
    """Returns whether the kernel took it."""
    speaker = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, UEVENT)
    ancillary = [(socket.SOL_SOCKET, SCM_CREDENTIALS, struct.pack("3i", *credentials))] if credentials else []
    try:
        speaker.sendmsg([message], ancillary, 0, to)
        return True
    except OSError:
        return False


def injected(message):
    return HEADER.pack(HEADER.size + len(message), 16, 1, 1, 0) + message


def as_udev(message):
    """With the header of udevd's messages: its length, where the properties are, and how long they are."""
    pairs = message.split(b"\0", 1)[1]
    return b"libudev\0" + struct.pack(">I", 0xFEEDCAFE) + struct.pack("=III", 40, 40, len(pairs)) + bytes(16) + pairs


actions = [b"add", b"change", b"move", b"remove"]
garbage = [b"\0", b"@", b"x" * 9000, b"add@" + b"/x" * 4000, b"\xff" * 300, b"add@/devices/virtual/net/lie", event(b"add")[:-9]]
others = ports()
reached = [say((port, 0), event(action)) for port in others for action in actions]
multicast = [say((0, group), message) for group in (KERNEL, UDEV) for message in [*map(event, actions), as_udev(event(b"add")), *garbage]]
said = [say((0, 0), injected(message)) for message in [*map(event, actions), *garbage]]
kernels = [say((0, 0), injected(event(b"add")), (0, uid, uid)) for uid in (0, 65534)]  # as the kernel is no process
roots = [say((0, 0), injected(event(b"add")), (os.getpid(), 0, 0)), say((0, KERNEL), event(b"add"), (os.getpid(), 0, 0))]
print(len(others), *(sum(each) for each in (reached, multicast, said, kernels, roots)), flush=True)
