# Runs systemd as the first process of namespaces of its own, in a cgroup below which it makes others. $1 the cgroup, $2 the directory of
# its units, $3 the unit that it starts. It sets what a system has one of: its name, sysctls, what is in /etc; so it may not.
echo $$ >"$1/cgroup.procs"
exec unshare --mount --pid --cgroup --uts --fork --kill-child sh -c '
  mount --make-rprivate /
  mount -t proc proc /proc
  for each in /proc/sys /etc; do mount --bind -o ro "$each" "$each" && mount -o remount,bind,ro "$each"; done
  umount -l /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/systemd
  cp -r "$0" /run/systemd/system
  exec env -i PATH="$PATH" container=other /lib/systemd/systemd --unit="$1" --log-level=warning
' "$2" "$3" </dev/null
