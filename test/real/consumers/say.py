"""Says a message to udev's group in the network namespace in which it runs. argv: the uid to show, as the host counts; stdin: the bytes."""
import os
import socket
import struct
import sys

KOBJECT_UEVENT = 15
UDEV_GROUP = 2

uid = int(sys.argv[1])
message = sys.stdin.buffer.read()
credentials = struct.pack("iII", os.getpid(), uid, uid)
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, KOBJECT_UEVENT) as netlink:
    netlink.bind((0, 0))
    netlink.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, credentials)], 0, (0, UDEV_GROUP))
