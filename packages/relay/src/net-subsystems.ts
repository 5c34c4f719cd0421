/** Classes whose devices belong to a network namespace, as the kernel tags them. */
export const NET_SUBSYSTEMS: ReadonlySet<string> = new Set(["net", "ieee80211", "macvtap", "ipvtap", "infiniband"]);
