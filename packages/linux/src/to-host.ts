import type { Target } from "@uevent-bridge/kernel";
import { KernelError } from "@uevent-bridge/kernel";

import { hostIdOf } from "./id-map.js";
import type { IdMaps } from "./namespaces.js";

/** The host's ids for those of a user namespace. @param user its root, or who stands for it @throws KernelError ID_UNMAPPED */
export function toHost(
  { uid, gid }: Target["user"],
  user: Target["user"] & { readonly maps: IdMaps },
  pid: number | undefined,
): Target["user"] {
  const [hostUid, hostGid] = [hostIdOf(user.maps.uids, uid), hostIdOf(user.maps.gids, gid)];
  const found = { uid: uid === 0 ? user.uid : hostUid, gid: gid === 0 ? user.gid : hostGid };
  if (found.uid === undefined || found.gid === undefined) throw unmapped(`${uid}:${gid}`, user.maps, pid);
  return { uid: found.uid, gid: found.gid };
}

function unmapped(owner: string, { uids, gids }: IdMaps, pid: number | undefined): KernelError {
  const textOf = (map: string): string =>
    map
      .trim()
      .replace(/[ \t]+/g, " ")
      .replace(/ ?\n ?/g, ", ");
  const whose = pid === undefined ? "" : ` of pid ${pid}`;
  return new KernelError(
    "ID_UNMAPPED",
    `the owner ${owner} has no ids on the host: the user namespace${whose} maps (inside, outside, count) the uids ${textOf(uids)} and the gids ${textOf(gids)}`,
    "give an owner=UID:GID that is mapped there, or have the container's engine map more ids",
  );
}
