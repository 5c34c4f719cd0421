import { Bits } from "./capabilities.js";

// linux/input-event-codes.h
const EV = { key: 1, rel: 2, abs: 3, switch: 5 };
const ABS = { x: 0, y: 1, z: 2, rx: 3, pressure: 0x18, mtReserved: 0x2e, mtSlot: 0x2f, mtX: 0x35, mtY: 0x36 };
const REL = { x: 0, y: 1, hwheel: 6, wheel: 8 };
const PROP = { direct: 1, pointingStick: 5, accelerometer: 6 };
const BTN = { 0: 0x100, 1: 0x101, mouse: 0x110, joystick: 0x120, digi: 0x140, pen: 0x140, finger: 0x145, touch: 0x14a };
const BTN_STYLUS = 0x14b;
const KEYS_HIGH = [
  [0x160, 0x220], // KEY_OK … BTN_DPAD_UP
  [0x230, 0x2c0], // KEY_ALS_TOGGLE … BTN_TRIGGER_HAPPY
] as const;
const JOYSTICK_BUTTONS = [
  [BTN.joystick, BTN.digi],
  [0x2c0, 0x2e8], // BTN_TRIGGER_HAPPY1 … 40
  [0x220, 0x224], // BTN_DPAD_UP … RIGHT
] as const;
/** Control, caps lock, num lock, insert, mute, calculator, file, mail, play/pause, dimmer: a keyboard that has joystick buttons too. */
const KEYBOARD_KEYS = [29, 58, 69, 110, 113, 140, 144, 155, 164, 224];
/** Escape, the digits and Q to D: bits 1 … 31. */
const [FIRST_KEY, KEYS_OF_A_KEYBOARD] = [1, 32];

interface Capabilities {
  readonly ev: Bits;
  readonly key: Bits;
  readonly rel: Bits;
  readonly abs: Bits;
  readonly prop: Bits;
}

/**
 * What kind of input device one is, as udev's `input_id` decides it from its capabilities: the names behind `ID_INPUT_`, such as
 * `KEYBOARD`. @param property of the `uevent` file of the input device
 */
export function inputKinds(property: (key: string) => string | undefined): readonly string[] {
  const [ev, key, rel, abs, prop] = ["EV", "KEY", "REL", "ABS", "PROP"].map((name) => new Bits(property(name))) as [
    Bits,
    Bits,
    Bits,
    Bits,
    Bits,
  ];
  const capabilities = { ev, key, rel, abs, prop };
  const pointers = pointerKinds(capabilities);
  const keys = keyKinds(capabilities);
  const isWheel = pointers.length === 0 && keys.length === 0 && hasWheel(capabilities);
  return [...pointers, ...keys, ...(isWheel ? ["KEY"] : []), ...(ev.has(EV.switch) ? ["SWITCH"] : [])];
}

function keyKinds({ ev, key }: Capabilities): string[] {
  if (!ev.has(EV.key)) return [];
  const hasKeys = key.hasAny(0, BTN[0]) || KEYS_HIGH.some(([from, end]) => key.hasAny(from, end));
  const isKeyboard = key.count(FIRST_KEY, KEYS_OF_A_KEYBOARD) === KEYS_OF_A_KEYBOARD - FIRST_KEY;
  return [...(hasKeys ? ["KEY"] : []), ...(isKeyboard ? ["KEYBOARD"] : [])];
}

function pointerKinds(capabilities: Capabilities): string[] {
  const { ev, abs, prop } = capabilities;
  const isAccelerometer = prop.has(PROP.accelerometer) || (!ev.has(EV.key) && abs.hasAll(ABS.x, ABS.y, ABS.z));
  if (isAccelerometer) return ["ACCELEROMETER"];
  const kinds = new Set([...byCoordinates(capabilities), ...byTouches(capabilities), ...byPad(capabilities)]);
  if (isMouse(capabilities, kinds)) kinds.add("MOUSE");
  if (kinds.has("JOYSTICK") && isNoJoystick(capabilities)) kinds.delete("JOYSTICK");
  if (prop.has(PROP.pointingStick)) kinds.add("POINTINGSTICK");
  return [...kinds];
}

function byCoordinates(capabilities: Capabilities): string[] {
  const { key, abs } = capabilities;
  const isJoystick = joystickParts(capabilities) > 0;
  if (!abs.hasAll(ABS.x, ABS.y)) return isJoystick ? ["JOYSTICK"] : [];
  if (hasPen(capabilities)) return ["TABLET"];
  if (isFingers(capabilities)) return ["TOUCHPAD"];
  if (hasMouseButton(capabilities)) return ["MOUSE"]; // with absolute axes, as virtual machines have it
  if (key.has(BTN.touch) || isDirect(capabilities)) return ["TOUCHSCREEN"];
  return isJoystick ? ["JOYSTICK"] : [];
}

function byTouches(capabilities: Capabilities): string[] {
  const { key, abs } = capabilities;
  const hasAllAxes = abs.hasAll(ABS.mtReserved, ABS.mtSlot); // it claims every axis there is: not by touches
  if (!abs.hasAll(ABS.mtX, ABS.mtY) || hasAllAxes) return [];
  if (hasPen(capabilities)) return ["TABLET"];
  if (isFingers(capabilities)) return ["TOUCHPAD"];
  return key.has(BTN.touch) || isDirect(capabilities) ? ["TOUCHSCREEN"] : [];
}

function byPad(capabilities: Capabilities): string[] {
  const { ev, rel } = capabilities;
  if (!hasPad(capabilities)) return [];
  const moves = ev.has(EV.rel) && rel.hasAll(REL.x, REL.y);
  if (hasWheel(capabilities) && !moves) return ["TABLET", "TABLET_PAD"];
  const isTablet = [...byCoordinates(capabilities), ...byTouches(capabilities)].includes("TABLET");
  return isTablet ? ["TABLET_PAD"] : [];
}

function isMouse(capabilities: Capabilities, kinds: ReadonlySet<string>): boolean {
  const { ev, rel, abs } = capabilities;
  if (["TABLET", "TOUCHPAD", "JOYSTICK"].some((kind) => kinds.has(kind)) || !hasMouseButton(capabilities)) return false;
  return (ev.has(EV.rel) && rel.hasAll(REL.x, REL.y)) || !abs.hasAll(ABS.x, ABS.y);
}

/** A keyboard with some buttons of a joystick, a single axis, or the wheel and buttons of a tablet. */
function isNoJoystick(capabilities: Capabilities): boolean {
  const { ev, key } = capabilities;
  const keyboardKeys = ev.has(EV.key) ? KEYBOARD_KEYS.filter((each) => key.has(each)).length : 0;
  return keyboardKeys >= 4 || joystickParts(capabilities) < 2 || (hasWheel(capabilities) && hasPad(capabilities));
}

function joystickParts({ ev, key, abs }: Capabilities): number {
  const buttons = ev.has(EV.key) ? JOYSTICK_BUTTONS.reduce((sum, [from, end]) => sum + key.count(from, end), 0) : 0;
  return buttons + (ev.has(EV.abs) ? abs.count(ABS.rx, ABS.pressure) : 0);
}

const hasMouseButton = ({ key }: Capabilities) => key.hasAny(BTN.mouse, BTN.joystick);
const hasPen = ({ key }: Capabilities) => key.has(BTN_STYLUS) || key.has(BTN.pen);
const isDirect = ({ prop }: Capabilities) => prop.has(PROP.direct);
const isFingers = (all: Capabilities) => all.key.has(BTN.finger) && !all.key.has(BTN.pen) && !isDirect(all);
const hasPad = ({ key }: Capabilities) => key.hasAll(BTN[0], BTN[1]) && !key.has(BTN.pen);
const hasWheel = ({ ev, rel }: Capabilities) => ev.has(EV.rel) && (rel.has(REL.wheel) || rel.has(REL.hwheel));
