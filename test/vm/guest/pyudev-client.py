"""A client of libudev: each event that it hears of udevd as one line of JSON."""
import json

import pyudev

monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="udev")
monitor.start()
while True:  # a message that libudev rejects ends the inner loop
    for device in iter(monitor.poll, None):
        event = {"action": device.action, "devpath": device.device_path, "properties": dict(device.properties)}
        print(json.dumps(event), flush=True)
