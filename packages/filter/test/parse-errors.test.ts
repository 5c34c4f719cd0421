import { MAX_RULE_LENGTH, RuleError, parseRule, type RuleErrorCode } from "@uevent-bridge/filter";
import { describe, expect, test } from "vitest";

/** The text with the part that the error points at between ‹ and ›, and what the message says. */
type Row = readonly [marked: string, ...words: readonly string[]];

const syntax: readonly Row[] = [
  ["‹›", "empty"],
  ["subsystem=tty,‹›", "empty"],
  ["subsystem=tty, ‹›,port=1-1", "empty"],
  ["‹access=rw›", "picks nothing", "/devices"],
  ["subsystem=tty,‹subsystem=block›", "twice", '"|"'],
  ["access=r,‹access=w›", "twice"],
  ["/devices/a,‹/devices/b›", "twice"],
  ["attr:a=1,‹attr:\\a=2›", "twice"],
  ["subsystem=tty,sysfs=rw:a,‹sysfs=rw:a›", "twice"],
  ["subsystem‹!=›tty", "deny"],
  ["attr:serial‹!=›A1", "deny"],
  ["subsystem‹!=›=tty", "deny"],
  ["subsystem‹==›tty", '"="', "=\\="],
  ["subsystem‹ ›= tty", "blank"],
  ["subsystem=‹ ›tty", "blank", "\\ "],
  ["/dev/loop950‹ ›exclusive", '","', "\\ "],
  ["subsystem=block‹ ›devname=loop0,access=r", '","'],
  ["/devices/platform/Fixed MDIO bus.0‹ ›access=r", '","'],
  ["subsystem=block‹ ›/dev/loop0", '","'],
  ["‹subsystem›", "subsystem=PATTERN"],
  ["‹attr›=A1", "attr:KEY=PATTERN"],
  ["‹subsystem:x›=tty", "subsystem=PATTERN"],
  ["/dev/sda,‹exclusive=1›", "exclusive"],
  ["/dev/sda,‹exclusive:x=1›", 'not written with "="'],
  ["‹path=/devices/virtual›", "/devices/…"],
  ["subsystem=a‹\\›", "backslash"],
  ["subsystem=‹\0›", "NUL"],
  ["subsystem=‹\0›\\", "NUL"],
  ["subsystem=‹›", "subsystem=PATTERN"],
  ["port=1-1|‹›", "empty"],
  ["port=‹›|[1", "empty value"],
  ["subsystem=t‹[ty›", '"]"', "\\["],
  ["subsystem=tt‹]›y", '"["', "\\]"],
  ["subsystem=tt‹[]›", "empty"],
  ["subsystem=tt‹[!]›", "empty"],
  ["subsystem=tt‹[^y]›", "[!"],
  ["subsystem=tt‹[^[]›", '"[^" is not known'],
  ["subsystem=tt‹[[:alpha:]›]", "[0-9]"],
  ["subsystem=tt‹[z-a]›", "backwards"],
  ["subsystem=t‹[t›,y]", '"]"', "a backslash"],
  ["devname=x,usb=‹46d›", "usb=VID:PID"],
  ["usb=‹046dx:c52b›", "usb=VID:PID"],
  ["usb=‹04*:c52b›", 'hex digits or "*"'],
  ["usb=046d:c52b:A‹[›", '"]"'],
  ["‹/sys/class/tty/ttyS0›", "subsystem=tty,sysname=ttyS0"],
  ["‹/sys/bus/usb/devices/1-1›", "subsystem=usb,sysname=1-1"],
  ["‹/module/loop›", "/devices"],
  ["‹/module//loop›", "/devices"],
  ["/devices/virtual/‹›/loop0", '"//"'],
  ["/devices/a /‹›", '"/" at the end'],
  ["/devices/virtual/‹..›/loop0", '".."'],
  ["/devices/‹.›/virtual", '"."'],
  ["/devices/‹\\.\\.›/virtual", '".."'],
  ["/devices/‹a**›/b", '"**"'],
  ["/devices/a‹|›b", "one rule for each"],
  ["/devices/‹a\\/b›", '"!"'],
  ["‹/dev›", "/dev/NAME"],
  ["‹/dev/›", "/dev/NAME"],
  ["‹/dev/sda/›", "/dev/NAME"],
  ["‹/dev/../etc/passwd›", "/dev/NAME"],
  ["/dev/‹=x›", "backslash"],
  ["/dev/‹ x›", "backslash"],
  ["‹/dev/sda|sdb›", "/dev/NAME"],
  ["‹/dev/sda|/dev/disk/by-id/x›", "two rules"],
  ["/dev/tty‹[S›", '"]"'],
  ["attr:‹›=1", "attr:KEY=PATTERN"],
  ["attr:‹../serial›=1", "serial"],
  ["attr:‹./serial›=1", "serial"],
  ["attr:‹queue//nr_zones›=1", "serial"],
  ["env:‹›=1", "env:KEY=PATTERN"],
  ["env:‹A\\=B›=1", '"="'],
  ["env:‹ACTION›=add", "looks at a device"],
  ["env:‹SUBSYSTEM›=tty", "subsystem=PATTERN"],
  ["/dev/sda,access=‹rx›", "r, w, rw or rwm"],
  ["/dev/sda,access=‹wr›", "access=rw?"],
  ["/dev/sda,as=‹/dev/x›", "without /dev/"],
  ["/dev/sda,as=‹a/../b›", '".."'],
  ["/dev/sda,mode=‹888›", "octal"],
  ["/dev/sda,mode=‹4755›", "0777"],
  ["/dev/sda,owner=‹root:root›", "numbers"],
  ["/dev/sda,owner=‹0:4294967295›", "numbers"],
  ["/dev/sda,sysfs=‹brightness›", "rw:ATTR"],
  ["/dev/sda,sysfs=‹rw:../x›", '".."'],
  ["preset=base,‹subsystem=tty›", "a rule without preset="],
];

const unknownTerms: readonly Row[] = [
  ["‹subsytem›=tty", "subsystem=PATTERN?"],
  ["‹Subsystem›=tty", "subsystem=PATTERN?"],
  ["/dev/sda,‹exclusiv›", "exclusive?"],
  ["‹ATTR{serial}›=A1", "attr:KEY=PATTERN?"],
  ["‹ENV{ID_BUS}›=usb", "env:KEY=PATTERN?"],
  ["‹KERNEL›=sd*", "sysname=PATTERN?"],
  ["‹SYMLINK›=x", "devlink=PATTERN?"],
  ["‹046d:c52b›", "usb=046d:c52b?"],
  ["‹1-1.3›", "port=1-1.3?"],
  ["‹sda›", "devname=sda?"],
  ["‹nvme0n1p1›", "devname=nvme0n1p1?"],
  ["‹ttyUSB0›", "devname=ttyUSB0?"],
  ["‹0000:00:14.0›", "pci=0000:00:14.0?"],
  ["‹colour›=red", "There are:", "subsystem=PATTERN", "access=r|w|rw|rwm"],
];

const unknownPresets: readonly Row[] = [
  ["preset=‹bsae›", "preset=base?"],
  ["preset=‹everything›", "There are: base"],
];

describe.each([
  ["RULE_SYNTAX", syntax],
  ["RULE_UNKNOWN_TERM", unknownTerms],
  ["RULE_UNKNOWN_PRESET", unknownPresets],
] as const)("%s", (code, rows) => {
  test.each(rows.map(([marked, ...words]) => ({ marked, words })))("$marked", ({ marked, words }) => {
    const { error, offset, length } = errorOf(marked);
    expect({ code: error.code, at: error.at }).toEqual({ code, at: { offset, length } } satisfies Expected);
    for (const word of words) expect(error.message).toContain(word);
    expect(error.message).toContain(error.remedy);
  });
});

interface Expected {
  code: RuleErrorCode;
  at: { offset: number; length: number };
}

test(`a rule of more than ${MAX_RULE_LENGTH} characters is too long`, () => {
  const longest = `sysname=${"x".repeat(MAX_RULE_LENGTH - "sysname=".length)}`;
  expect(parseRule(longest).sysname).toHaveLength(MAX_RULE_LENGTH - "sysname=".length);
  expect(() => parseRule(`${longest}x`)).toThrow(String(MAX_RULE_LENGTH));
});

test("a long text is not quoted in full", () => {
  const { error } = errorOf(`‹${"x".repeat(1_000)}›=1`);
  expect(error.message).toContain(`"${"x".repeat(40)}…"`);
  expect(error.message.length).toBeLessThan(600);
});

function errorOf(marked: string): { error: RuleError; offset: number; length: number } {
  const text = marked.replace(/[‹›]/g, "");
  const offset = marked.indexOf("‹");
  try {
    parseRule(text);
  } catch (error) {
    if (error instanceof RuleError) return { error, offset, length: marked.indexOf("›") - offset - 1 };
    throw error;
  }
  throw new Error(`${text} was accepted`);
}
