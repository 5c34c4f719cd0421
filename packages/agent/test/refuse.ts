/** Python: has the kernel refuse a system call of this process, and of what it becomes, if an argument has this value. */
export const REFUSE = `
import ctypes, errno, os, struct, sys
NUMBERS = {"x86_64": {"recvfrom": 45, "signalfd4": 289}, "aarch64": {"recvfrom": 207, "signalfd4": 74}}
def refuse(call, argument, value, error):
    number = NUMBERS[os.uname().machine][call]
    load, unless, give = 0x20, 0x15, 0x06
    code = [(load, 0, 0, 0), (unless, 0, 3, number), (load, 0, 0, 16 + 8 * int(argument, 0)), (unless, 0, 1, int(value, 0)),
            (give, 0, 0, 0x00050000 | getattr(errno, error)), (give, 0, 0, 0x7fff0000)]
    text = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in code))
    program = struct.pack("@HP", len(code), ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program) == 0
`;
