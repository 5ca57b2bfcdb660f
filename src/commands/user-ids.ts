import { execa } from 'execa';

/** As whom a program starts: the user, and the group that comes first. */
export interface UserIds {
  uid: number | undefined;
  gid: number | undefined;
}

/** The numbers of a user by name; undefined where the user database knows none: https://man7.org/linux/man-pages/man1/getent.1.html */
export async function userIds(name: string): Promise<UserIds> {
  const { stdout } = await execa('getent', ['passwd', '--', name], { reject: false, stdin: 'ignore' });
  const record = stdout?.split('\n').find((line) => line.startsWith(`${name}:`));
  const [, , uid, gid] = record?.split(':') ?? [];
  return { uid: idOf(uid), gid: idOf(gid) };
}

function idOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
