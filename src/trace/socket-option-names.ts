/**
 * Numbers of the socket options for some values of which the kernel asks for a capability, as strace names them: by level, then by
 * number. https://github.com/torvalds/linux/tree/master/include/uapi (asm-generic/socket.h, linux/in.h, linux/in6.h, linux/tcp.h,
 * linux/if_packet.h, linux/netlink.h, linux/netfilter*, linux/ip_vs.h); the same on x86 and arm64. A test has strace name each.
 */
export const socketOptionNames: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  // SOL_SOCKET
  1: {
    1: 'SO_DEBUG',
    12: 'SO_PRIORITY',
    25: 'SO_BINDTODEVICE',
    32: 'SO_SNDBUFFORCE',
    33: 'SO_RCVBUFFORCE',
    36: 'SO_MARK',
    46: 'SO_BUSY_POLL',
    61: 'SO_TXTIME',
    69: 'SO_PREFER_BUSY_POLL',
    70: 'SO_BUSY_POLL_BUDGET',
  },
  // SOL_IP
  0: {
    3: 'IP_HDRINCL',
    16: 'IP_IPSEC_POLICY',
    17: 'IP_XFRM_POLICY',
    19: 'IP_TRANSPARENT',
    64: 'IPT_SO_SET_REPLACE',
    65: 'IPT_SO_SET_ADD_COUNTERS',
    96: 'ARPT_SO_SET_REPLACE',
    97: 'ARPT_SO_SET_ADD_COUNTERS',
    128: 'EBT_SO_SET_ENTRIES',
    129: 'EBT_SO_SET_COUNTERS',
    1152: 'IP_VS_SO_SET_NONE',
    1153: 'IP_VS_SO_SET_INSERT',
    1154: 'IP_VS_SO_SET_ADD',
    1155: 'IP_VS_SO_SET_EDIT',
    1156: 'IP_VS_SO_SET_DEL',
    1157: 'IP_VS_SO_SET_FLUSH',
    1158: 'IP_VS_SO_SET_LIST',
    1159: 'IP_VS_SO_SET_ADDDEST',
    1160: 'IP_VS_SO_SET_DELDEST',
    1161: 'IP_VS_SO_SET_EDITDEST',
    1162: 'IP_VS_SO_SET_TIMEOUT',
    1163: 'IP_VS_SO_SET_STARTDAEMON',
    1164: 'IP_VS_SO_SET_STOPDAEMON',
    1165: 'IP_VS_SO_SET_RESTORE',
    1166: 'IP_VS_SO_SET_SAVE',
    1167: 'IP_VS_SO_SET_ZERO',
  },
  // SOL_IPV6
  41: {
    34: 'IPV6_IPSEC_POLICY',
    35: 'IPV6_XFRM_POLICY',
    36: 'IPV6_HDRINCL',
    54: 'IPV6_HOPOPTS',
    55: 'IPV6_RTHDRDSTOPTS',
    59: 'IPV6_DSTOPTS',
    64: 'IP6T_SO_SET_REPLACE',
    65: 'IP6T_SO_SET_ADD_COUNTERS',
    75: 'IPV6_TRANSPARENT',
  },
  // SOL_TCP
  6: { 13: 'TCP_CONGESTION', 19: 'TCP_REPAIR' },
  // SOL_PACKET
  263: { 1: 'PACKET_ADD_MEMBERSHIP' },
  // SOL_NETLINK
  270: { 1: 'NETLINK_ADD_MEMBERSHIP', 8: 'NETLINK_LISTEN_ALL_NSID' },
};

export const netlinkLevel = 270;

/** The name of a socket option, where the kernel may ask for a capability. */
export function socketOptionName(level: number, option: number): string | undefined {
  return socketOptionNames[level]?.[option];
}
