"""Says what its netlink says, as lines of hex, and `overrun` where something was lost. argv: bytes of its receive buffer."""
import errno
import socket
import sys

KOBJECT_UEVENT = 15
KERNEL_GROUP = 1

with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, KOBJECT_UEVENT) as reader:
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(sys.argv[1]))
    reader.bind((0, KERNEL_GROUP))
    while True:
        try:
            print(reader.recv(65536).hex(), flush=True)
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            print("overrun", flush=True)
