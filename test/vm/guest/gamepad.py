"""A gamepad that a program makes, until stdin ends."""
import sys

from evdev import AbsInfo, UInput, ecodes

stick = AbsInfo(value=0, min=-128, max=127, fuzz=0, flat=0, resolution=0)
capabilities = {
    ecodes.EV_KEY: [ecodes.BTN_SOUTH, ecodes.BTN_EAST, ecodes.BTN_START],
    ecodes.EV_ABS: [(ecodes.ABS_X, stick), (ecodes.ABS_Y, stick)],
}
with UInput(capabilities, name="Test Gamepad", vendor=0x1234, product=0x5678):
    print("made", flush=True)
    sys.stdin.read()
