import { execa } from 'execa';

/** The number of a user by name; undefined where the user database knows none: https://man7.org/linux/man-pages/man1/getent.1.html */
export async function userId(name: string): Promise<number | undefined> {
  const { stdout } = await execa('getent', ['passwd', '--', name], { reject: false, stdin: 'ignore' });
  const record = stdout?.split('\n').find((line) => line.startsWith(`${name}:`));
  const id = Number(record?.split(':')[2]);
  return record !== undefined && Number.isInteger(id) ? id : undefined;
}
