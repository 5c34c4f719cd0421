"""Opens all that it can, again and again, by the nodes of its /dev and by those of all numbers that lie in /run/probe, and once
more for each line of stdin, to which it answers with one. Says at the end of stdin what it had in its hands: how often, by what
the device itself says that it is."""
import collections
import fcntl
import glob
import json
import os
import stat
import struct
import sys
import threading
import time

BLKGETDISKSEQ = 0x80081280
EVIOCGPHYS = 0x81004507  # 256 bytes
NODES = ("/run/probe/*", "/dev/sd*", "/dev/input/event*", "/dev/ttyUSB*")
PAUSE = 0.1  # seconds: others want to run too

had = collections.Counter()
one_at_a_time = threading.Lock()


def owner(path):
    """Whose the number of a character device is, at this moment."""
    number = os.stat(path).st_rdev
    try:
        return os.readlink(f"/sys/dev/char/{os.major(number)}:{os.minor(number)}").replace("../../", "/sys/")
    except FileNotFoundError:
        return None


def identity(fd, path, owner_before):
    found = os.fstat(fd)
    if stat.S_ISBLK(found.st_mode):
        return f"disk {struct.unpack('Q', fcntl.ioctl(fd, BLKGETDISKSEQ, bytes(8)))[0]}"
    if os.major(found.st_rdev) == 13:
        return fcntl.ioctl(fd, EVIOCGPHYS, bytes(256)).rstrip(b"\0").decode()
    # A serial adapter does not say who it is. One that came while it was being opened is not the one for which the kernel asked
    # whether it may be opened: it asks once, and waits then until who had the number is closed.
    now = owner(path)
    return now if now is not None and now == owner_before else f"came meanwhile: {now}"


def probe(path):
    try:
        owner_before = owner(path)
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        had[error.strerror] += 1
        return
    try:
        had[identity(fd, path, owner_before)] += 1
    except OSError as error:
        had[f"gone: {error.strerror}"] += 1
    os.close(fd)


def probe_all():
    with one_at_a_time:
        for pattern in NODES:
            for path in glob.glob(pattern):
                probe(path)


def probe_for_ever():
    while True:
        probe_all()
        time.sleep(PAUSE)


threading.Thread(target=probe_for_ever, daemon=True).start()
print("probes", flush=True)
for _ in sys.stdin:
    probe_all()
    print("probed", flush=True)
print(json.dumps(had.copy()), flush=True)
