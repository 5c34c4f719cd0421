/** The devices of guest/plug.ts that the container may see: what is at these ports, and gamepads. */
export const SEEN = /\/usb1\/1-[1245]($|\/)|\/usb2\/2-3($|\/)|^\/devices\/virtual\/input\/input/;
