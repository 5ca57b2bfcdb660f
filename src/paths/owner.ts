/** Whose a file is, and what it lets whom do. A user without a number, and bits that nobody gave, are NaN. */
export interface Owner {
  uid: number;
  gid: number;
  /** Permission bits, with those of set-ID and the sticky one. */
  mode: number;
}

/** Reads an owner as facts and profiles have it: `33:33:0750`. */
export function readOwner(text: string): Owner {
  const [uid = '0', gid = '0', mode = '0'] = text.split(':');
  return { uid: Number(uid), gid: Number(gid), mode: Number.parseInt(mode, 8) };
}
