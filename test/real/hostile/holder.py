"""What a program does that is served by a holder. argv: which attack."""
import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys
import threading
import time

NETLINK, UEVENT = 16, 15
LIBC = ctypes.CDLL(None, use_errno=True)


def files():
    return len(os.listdir("/proc/self/fd"))


def wait():
    sys.stdin.readline()


def successor():
    """Is killed while it asks; another process has its pid when the holder answers."""
    print("ready", flush=True)
    wait()
    asking = os.fork()
    if asking == 0:
        socket.socket(NETLINK, socket.SOCK_RAW, UEVENT)
        os._exit(1)
    time.sleep(0.3)  # it is at it: nobody answers
    os.kill(asking, signal.SIGKILL)
    os.waitpid(asking, 0)
    with open("/proc/sys/kernel/ns_last_pid", "w") as last:
        last.write(str(asking - 1))
    before = files()
    heir = os.fork()
    if heir == 0:
        print("swapped" if os.getpid() == asking else "another", flush=True)
        wait()
        print(files() - before, flush=True)
        os._exit(0)
    os.waitpid(heir, 0)


def interrupted():
    """Is interrupted again and again while it asks."""
    signal.signal(signal.SIGALRM, lambda *_: None)
    before, opened, interruptions = files(), [], 0
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    while len(opened) < 500:
        try:
            opened.append(socket.socket(NETLINK, socket.SOCK_RAW, UEVENT))
        except InterruptedError:
            interruptions += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(files() - before, interruptions > 0, flush=True)


def nonsense():
    """Asks in ways in which nobody asks; says what came of each."""
    high = 1 << 40
    raw, stream = socket.SOCK_RAW, socket.SOCK_STREAM
    asked = [(NETLINK, kind, UEVENT) for kind in (0, stream, raw, 7, 99, -1, raw | 1 << 30, raw | socket.SOCK_NONBLOCK)]
    asked += [(NETLINK | high, raw, UEVENT), (NETLINK, raw | high, UEVENT), (NETLINK, raw, UEVENT | high)]
    asked += [(NETLINK, raw, -1), (-1, raw, UEVENT), (NETLINK, raw, 22)]
    results, listening = [], []
    for words in asked:
        fd = LIBC.syscall(ctypes.c_long(NUMBER), *map(ctypes.c_long, words))
        results.append(ctypes.get_errno() if fd < 0 else "opened")
        if fd >= 0 and words[2] & 0xFFFF == UEVENT:
            listening.append(socket.socket(NETLINK, raw, UEVENT, fd))
            listening[-1].bind((0, 1))
            print("uevents", os.fstat(fd).st_ino, flush=True)
    print("results", *results, flush=True)
    wait()


def thief():
    """Has the holder answer a call of its own, and takes each question itself. argv: the holder's socket."""
    LIBC.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, GETPPID), (0x06, 0, 0, 0x7FC00000), (0x06, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    notifier = LIBC.syscall(SECCOMP, 1, 8, program)  # SECCOMP_FILTER_FLAG_NEW_LISTENER
    with socket.socket(socket.AF_UNIX) as holder:
        holder.connect(sys.argv[2])
        socket.send_fds(holder, [b"{}"], [notifier])
        holder.shutdown(socket.SHUT_WR)
        print("kept", holder.recv(1)[0], flush=True)

    def take():
        while True:
            call = bytearray(80)
            try:
                fcntl.ioctl(notifier, 0xC0502100, call, True)  # SECCOMP_IOCTL_NOTIF_RECV
                fcntl.ioctl(notifier, 0xC0182101, struct.pack("QqiI", struct.unpack_from("Q", call)[0], 0, 0, 1))
            except OSError:
                pass  # the holder was quicker

    for _ in range(2):
        threading.Thread(target=take, daemon=True).start()
        if os.fork() == 0:
            LIBC.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
            while True:
                os.getppid()
    wait()
    os.killpg(0, signal.SIGKILL)


SECCOMP, GETPPID = {"x86_64": (317, 110), "aarch64": (277, 173)}[os.uname().machine]
NUMBER = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
globals()[sys.argv[1]]()
