# Makes the small system of a test's container, as its root in user, network, mount and pid namespaces of its own:
# the host's programs read-only, the rest its own and in memory. Prints its pid on the host and lives until stdin ends.
# $1 its pid on the host; then SOURCE DESTINATION of what is bound in
set -e
pid=$1
shift
mount --make-rslave / # what the host mounts later in what is bound in appears
mount -t tmpfs -o mode=755 tmpfs /mnt
cd /mnt
mkdir -p usr proc sys dev run tmp etc old
mount --rbind /usr usr
mount -o remount,bind,ro usr
for each in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$each" ]; then ln -s "$(readlink "/$each")" "$each"; fi
done
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
# Nodes of its own where it may make them: what mdev does to one that is bound in, its mode and owner, it does to the host's.
node() { mknod -m 666 "dev/$1" c 1 "$2" 2>/dev/null || { : >"dev/$1" && mount --bind "/dev/$1" "dev/$1"; }; }
node null 3
node zero 5
node full 7
node random 8
node urandom 9
while [ $# -gt 0 ]; do
  mkdir -p "./$2"
  mount --rbind "$1" "./$2"
  shift 2
done
pivot_root . old
umount -l /old
rmdir /old
cd /
echo "$pid"
exec cat
