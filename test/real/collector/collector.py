"""Somebody who keeps all that he hears. argv: the file for it, and a path to bind a socket to, or nothing: its netlink.

Says after every STEP datagrams how many there were. Its stdin says how many are to come: it ends when they have, or nothing has
for long, and then nothing more does.
"""
import os
import select
import socket
import sys

STEP = 250  # datagrams
QUIET = 0.3  # seconds
PATIENCE = 10  # seconds
KOBJECT_UEVENT = 15
KERNEL_GROUP = 1


def listen(path):
    """A name that shows nobody a socket that is not bound yet."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    hidden = os.path.join(os.path.dirname(path), ".hidden")
    listener.bind(hidden)
    os.rename(hidden, path)
    return listener


def read_netlink():
    reader = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, KOBJECT_UEVENT)
    reader.bind((0, KERNEL_GROUP))
    return reader


file, *paths = sys.argv[1:]
heard = []
wanted = None
waited = 0
with listen(*paths) if paths else read_netlink() as source:
    source.settimeout(QUIET)
    while True:
        try:
            heard.append(source.recv(65536))
        except TimeoutError:
            waited += QUIET
            if wanted is None and select.select([sys.stdin], [], [], 0)[0]:
                wanted = int(sys.stdin.readline() or 0)
                waited = 0
            elif wanted is not None and (len(heard) >= wanted or waited > PATIENCE):
                break
        else:
            waited = 0
            if len(heard) % STEP == 1:
                print(len(heard), flush=True)
with open(file, "w", encoding="ascii") as out:
    out.writelines(f"{datagram.hex()}\n" for datagram in heard)
