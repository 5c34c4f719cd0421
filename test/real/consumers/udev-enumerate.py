"""Shows the devices with a node that pyudev finds initialized. argv: a tag, or none. Those without are so for libudev in any case."""
import sys

import pyudev

devices = pyudev.Context().list_devices().match_is_initialized()
for tag in sys.argv[1:]:
    devices.match_tag(tag)
for device in devices:
    if device.device_node:
        print(device.device_path)
