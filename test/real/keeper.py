# Stands for systemd: runs a service, the command in argv[2:], and keeps what it is given to keep, whatever happens to the service. It
# listens at argv[1]; what the service prints goes to argv[1].log. On stdin: `start`, `term`, `kill` (and waits for its end), `forget`: what it has kept. It prints `ready` when the
# service says so, `ended STATUS` when it ends, `kept NAMES` for what it is given.
import os, signal, socket, sys, threading

path, command = sys.argv[1], sys.argv[2:]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(path)
kept = {}
pid = 0


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def hear():
    while True:
        text, fds, _, _ = socket.recv_fds(manager, 4096, 8)
        words = dict(line.split("=", 1) for line in text.decode().split("\n"))
        if "FDSTORE" in words:
            kept[words["FDNAME"]] = fds[0]
        elif "FDSTOREREMOVE" in words:
            kept.pop(words["FDNAME"], None)
        if "READY" in words:
            say("ready " + ",".join(sorted(kept)))


def start():
    names, fds = list(kept), list(kept.values())
    child = os.fork()
    if child:
        return child
    high = [os.dup2(fd, 100 + i) for i, fd in enumerate(fds)]
    for i, fd in enumerate(high):
        os.dup2(fd, 3 + i)
    listen = {"LISTEN_FDS": str(len(fds)), "LISTEN_FDNAMES": ":".join(names), "LISTEN_PID": str(os.getpid())}
    for fd in high:
        os.close(fd)
    log = os.open(path + ".log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for fd in (1, 2):
        os.dup2(log, fd)
    os.close(log)
    os.execvpe(command[0], command, {**os.environ, "NOTIFY_SOCKET": path, **(listen if fds else {})})


threading.Thread(target=hear, daemon=True).start()
for line in sys.stdin:
    what = line.strip()
    if what == "start":
        pid = start()
    elif what == "forget":
        kept.clear()
        say("forgotten")
    elif pid:
        os.kill(pid, signal.SIGTERM if what == "term" else signal.SIGKILL)
        say(f"ended {os.waitpid(pid, 0)[1]}")
        pid = 0
if pid:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
