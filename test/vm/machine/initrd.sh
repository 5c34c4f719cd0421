#!/bin/busybox sh
# The first program of the virtual machine: leads to the root file system, which is read-only below one in memory.
busybox=/bin/busybox
$busybox mkdir -p /proc /sys /dev /image /memory /root
$busybox mount -t proc proc /proc
$busybox mount -t sysfs sysfs /sys
$busybox mount -t devtmpfs dev /dev
for module in $($busybox cat /list); do $busybox insmod "/modules/$module"; done
until [ -b /dev/vda ]; do $busybox usleep 10000; done
$busybox mount -t ext4 -o ro,noload /dev/vda /image
$busybox mount -t tmpfs memory /memory
$busybox mkdir /memory/upper /memory/work
$busybox mount -t overlay -o lowerdir=/image,upperdir=/memory/upper,workdir=/memory/work root /root
for each in proc sys dev; do $busybox mount --move "/$each" "/root/$each"; done
exec $busybox switch_root /root /init
