"""The loop of pyudev's documentation, made to say when it would have ended: libudev rejected a message."""
import pyudev

monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="kernel")
monitor.start()
while True:
    for device in iter(monitor.poll, None):
        print(f"{device.action}@{device.device_path}", flush=True)
    print("ended", flush=True)
