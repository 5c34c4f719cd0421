# A service manager: listens at argv[1], a path or `@` and a name, and prints what it is told, one JSON array for each message:
# [text, what each descriptor that came with it is]. It reads when a line comes on stdin: so many messages.
import array, json, os, socket, sys

path = sys.argv[1]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("\0" + path[1:] if path.startswith("@") else path)
print("listens", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        text, fds, _, _ = socket.recv_fds(manager, 4096, 8)
        print(json.dumps([text.decode(), [os.readlink(f"/proc/self/fd/{fd}") for fd in fds]]), flush=True)
        for fd in fds:
            os.close(fd)
