/**
 * The two steps that turn a process into the first process of a machine. They are fixed texts for /bin/sh, what differs comes
 * in as arguments: one shell that calls mount is much faster than a process of ours for each mount.
 */

/** Where a machine keeps what belongs to the machine itself; seen from inside. */
export const insideDirectory = '/run/sandbox-profile-machine';

/** The programs that the steps call, all of util-linux and coreutils. */
export const bootPrograms = ['setpriv', 'unshare', 'nsenter', 'mount', 'umount', 'pivot_root', 'cp', 'mkdir'];

/**
 * First step, outside: goes into the machine's cgroup (before the cgroup namespace is made: its root is the cgroup that the
 * process is in by then), then into new namespaces. setpriv before and --kill-child make the machine die with its owner.
 * Arguments: the owner's pid, the cgroup, a file for what goes wrong, then the second step, a name for it, and its arguments.
 */
export const enterNamespaces = `
set -eu
[ "$PPID" = "$1" ] || exit 1
umask 022
exec >"$3" 2>&1
echo $$ >"$2/cgroup.procs"
shift 3
exec unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child -- /bin/sh -c "$@"
`;

/**
 * Second step, as pid 1 of the namespaces: builds the file tree, makes it the root, and becomes systemd.
 * Arguments: a directory to mount on, options of the tmpfs for what is written, the systemd program as it is named inside, the
 * root directory that is shown and what its mount forbids, then triples: "overlay" or "copy", a path, what its mount forbids.
 *
 * - What is written goes to a tmpfs: an overlay cannot keep it on another overlay, and it vanishes with the namespace.
 * - /proc/sys and /sys belong to the whole host, so they are read-only; /proc/sys/net is the machine's own.
 * - What a mount forbids (ro, noexec …) is forbidden last, when the machine's own files are written.
 * - There is no /dev/kmsg: what a machine logs is not for the host's kernel log.
 * - Nothing that the host has enabled is started: all the links in *.target.wants are hidden.
 * - Journals of the host are hidden, the machine's own is in /run. "Audit=" leaves the kernel's auditing as it is.
 * - container= makes systemd leave alone what belongs to the host: clock, kernel modules, kernel command line, consoles.
 *   https://systemd.io/CONTAINER_INTERFACE/
 * - The proof: under a filter that denies mkdir one directory must not come into being; without, one must.
 */
export const becomeSystemd = `
set -eu
trap 'echo "could not $doing"' EXIT
state=$1 options=$2 systemd=$3 shown=$4 limits=$5
shift 5
R=$state/root

doing='mount a tmpfs for what the machine writes'
mount -t tmpfs -o "$options" tmpfs "$state"
mkdir "$state/upper" "$state/work" "$state/lower" "$state/lower/0" "$R"
doing='mount an overlay of the root directory'
mount --bind -- "$shown" "$state/lower/0"
mount -t overlay -o "lowerdir=$state/lower/0,upperdir=$state/upper,workdir=$state/work" overlay "$R"

n=0
leftout=' '
leave_out() { echo "left out $n"; leftout="$leftout$n "; }
show() {
  n=$((n + 1))
  if [ "$1" = copy ]; then
    doing='copy a file that is mounted by itself'
    cp -p -- "$2" "$R$2" || leave_out
  else
    # A bind mount gives the lower directory a name without the signs that mean something in overlay's options.
    doing='mount an overlay of another file system'
    mkdir "$state/lower/$n" "$state/upper.$n" "$state/work.$n"
    { [ -d "$R$2" ] && mount --bind -- "$2" "$state/lower/$n" &&
      mount -t overlay -o "lowerdir=$state/lower/$n,upperdir=$state/upper.$n,workdir=$state/work.$n" overlay "$R$2"; } ||
      leave_out
  fi
}
limit() {
  n=$((n + 1))
  case "$3$leftout" in ' '* | *" $n "*) return 0 ;; esac
  doing='forbid what a mount of the host forbids'
  mount -o "remount,bind,$3" "$R$2"
}
each() {
  n=0 do=$1
  shift
  while [ $# -gt 2 ]; do
    "$do" "$1" "$2" "$3"
    shift 3
  done
}
each show "$@"

doing='mount /proc, /sys and the cgroups'
mount -t proc -o nosuid,nodev,noexec proc "$R/proc"
mount --bind "$R/proc/sys" "$R/proc/sys"
mount --bind "$R/proc/sys/net" "$R/proc/sys/net"
mount -o remount,bind,ro "$R/proc/sys"
[ ! -e "$R/proc/sysrq-trigger" ] || mount --bind -o ro "$R/proc/sysrq-trigger" "$R/proc/sysrq-trigger"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$R/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$R/sys/fs/cgroup"

doing='make /dev and /run'
mount -t tmpfs -o mode=0755,nosuid tmpfs "$R/dev"
for node in null zero full random urandom tty; do cp -a "/dev/$node" "$R/dev/"; done
mkdir "$R/dev/pts" "$R/dev/shm" "$R/dev/mqueue"
mount -t devpts -o mode=620,gid=5,ptmxmode=666,newinstance devpts "$R/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$R/dev/shm"
mount -t mqueue -o nosuid,nodev,noexec mqueue "$R/dev/mqueue"
ln -s pts/ptmx "$R/dev/ptmx"
ln -s /proc/self/fd "$R/dev/fd"
ln -s fd/0 "$R/dev/stdin"
ln -s fd/1 "$R/dev/stdout"
ln -s fd/2 "$R/dev/stderr"
mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs "$R/run"

doing='hide what the host has enabled'
for units in etc/systemd/system usr/local/lib/systemd/system usr/lib/systemd/system lib/systemd/system; do
  rm -rf "$R/$units"/*.target.wants "$R/$units"/*.target.requires "$R/$units"/*.target.upholds "$R/$units/tmp.mount"
done
rm -rf "$R/var/log/journal"

doing='write the units of the machine'
U=$R/run/systemd/system
mkdir -p "$U" "$R/run/systemd/journald.conf.d" "$R${insideDirectory}"
for unit in tmp.mount systemd-journald-audit.socket; do ln -s /dev/null "$U/$unit"; done
cat >"$R/run/systemd/journald.conf.d/zz-sandbox-profile.conf" <<'END'
[Journal]
Storage=volatile
ReadKMsg=no
Audit=
ForwardToConsole=no
ForwardToWall=no
RateLimitIntervalSec=0
END
cat >"$U/sandbox-profile-machine.target" <<'END'
[Unit]
Requires=basic.target
After=basic.target
Wants=systemd-journald.socket systemd-journald-dev-log.socket dbus.socket
Wants=sandbox-profile-files.service sandbox-profile-proof.service
END
cat >"$U/sandbox-profile-files.service" <<'END'
[Unit]
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=-systemd-tmpfiles --create --boot --exclude-prefix=/dev --exclude-prefix=/sys --exclude-prefix=/proc --exclude-prefix=/tmp
END
cat >"$U/sandbox-profile-proof.service" <<'END'
[Service]
Type=oneshot
SystemCallFilter=~mkdir mkdirat
SystemCallErrorNumber=EPERM
StandardError=null
ExecStart=-mkdir ${insideDirectory}/denied
ExecStart=+mkdir ${insideDirectory}/allowed
ExecStart=touch ${insideDirectory}/ready
END

[ -z "$limits" ] || limit root / "$limits"
each limit "$@"

doing='make the new tree the root directory'
mkdir "$R${insideDirectory}/old"
cd "$R"
pivot_root . .${insideDirectory}/old
umount -l ${insideDirectory}/old
rmdir ${insideDirectory}/old

doing='start systemd'
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 container=sandbox-profile \\
  SYSTEMD_GENERATOR_PATH=${insideDirectory}/generators \\
  "$systemd" --unit=sandbox-profile-machine.target --show-status=no
`;
