# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Runs as PID 1 of the target container and ends in systemd: docker run ... IMAGE /bin/sh -c "$(cat boot.sh)"
# Why: without --privileged the cgroup mounts are read-only, and a docker inside fails with
# "mkdir /sys/fs/cgroup/cpuset/docker: read-only file system". On cgroup v1 `remount,rw` is refused (busy), but unmounting and
# mounting afresh inside the private cgroup namespace gives writable mounts that are rooted at this container's own cgroup.
if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
  mount -o remount,rw /sys/fs/cgroup || true
else
  mount -o remount,rw /sys/fs/cgroup || true
  awk '$3 == "cgroup" && $4 ~ /(^|,)ro(,|$)/ {print $2, $4}' /proc/mounts | while read -r mp opts; do
    ctl=$(echo "$opts" | tr , '\n' | grep -vxE 'r[ow]|nosuid|nodev|noexec|relatime' | paste -sd,)
    umount "$mp" && mount -t cgroup -o "rw,nosuid,nodev,noexec,$ctl" cgroup "$mp"
  done
fi
mount -o remount,rw /proc/sys 2>/dev/null || true
# No way out: everything that the roles need is on the lab's own network, and a role that reaches for anything else must fail.
ip route del default 2>/dev/null || true
exec /sbin/init
