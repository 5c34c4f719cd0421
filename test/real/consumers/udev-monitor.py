"""Shows what pyudev hears of udevd, through libudev's filters. argv: subsystem=NAME[/DEVTYPE] or tag=NAME, none for all."""
import sys

import pyudev

monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="udev")
for argument in sys.argv[1:]:
    kind, _, value = argument.partition("=")
    if kind == "tag":
        monitor.filter_by_tag(value)
    else:
        monitor.filter_by(*value.split("/", 1))
monitor.start()
while True:  # a message that libudev rejects ends the inner loop
    for device in iter(monitor.poll, None):
        print(f"{device.action}@{device.device_path}", flush=True)
