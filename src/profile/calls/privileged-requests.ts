/**
 * Requests of ioctl(2) that ask for a capability, by how their names begin: changes to network interfaces, to terminals that are
 * not the caller's, to block devices and file systems, tunnels, clocks.
 * https://man7.org/linux/man-pages/man7/netdevice.7.html, ioctl_tty(2), ioctl_iflags(2), include/uapi/linux/fs.h
 */
const beginnings =
  /^(?:SIOC(?:S|ADD|DEL|ETHTOOL|BOND|BR)|TIOC(?:STI|CONS|SCTTY|VHANGUP|LINUX)|FS_IOC_SET|FS_IOC_FSSET|FI(?:FREEZE|THAW|TRIM)|EXT\d_IOC|BTRFS_IOC|XFS_IOC|TUN|BLK(?!GET|SSZ|PB|IO|ROGET|RAGET)|LOOP_|DM_|MD_|KD|VT_|PIO_|RTC_.*SET|EVIOCGRAB|HCI|SG_IO|PPP|NBD_)/;

export function isPrivilegedRequest(request: string): boolean {
  return beginnings.test(request);
}
