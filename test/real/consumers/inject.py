"""Says an event in the network namespace in which it runs. argv: the uid to show, as the host counts; stdin: the datagram."""
import os
import socket
import struct
import sys

KOBJECT_UEVENT = 15
TYPE = 16  # the first that the kernel does not keep for itself
REQUEST, ACK = 1, 4
HEADER = struct.Struct("=LHHLL")

uid = int(sys.argv[1])
payload = sys.stdin.buffer.read()
message = HEADER.pack(HEADER.size + len(payload), TYPE, REQUEST | ACK, 1, 0) + payload
credentials = struct.pack("iII", os.getpid(), uid, uid)
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, KOBJECT_UEVENT) as netlink:
    netlink.bind((0, 0))
    netlink.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, credentials)], 0, (0, 0))
    (error,) = struct.unpack_from("=i", netlink.recv(4096), HEADER.size)
sys.exit(os.strerror(-error) if error else 0)
