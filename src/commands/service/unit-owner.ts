import { execa } from 'execa';
import { Failure } from '../failure.ts';

/** The user whose service manager is meant. */
export interface UnitOwner {
  name: string;
  uid: number;
  home: string;
}

/** sudo(8), doas(1) and pkexec(1) tell who called them. */
const callers = ['SUDO_UID', 'DOAS_USER', 'PKEXEC_UID'];

/**
 * Who asked for root's rights, and so whose own manager `--user` means; root where nobody did.
 * Throws a Failure where the user database does not know that user.
 */
export async function unitOwner(environment = process.env): Promise<UnitOwner> {
  const asked =
    callers.map((name) => environment[name]).find((value) => value !== undefined && value !== '') ?? '0';
  const { stdout } = await execa('getent', ['passwd', '--', asked], { reject: false, stdin: 'ignore' });
  const [name = '', , uid = '', , , home = ''] = (stdout ?? '').split('\n')[0]?.split(':') ?? [];
  if (name === '' || !/^\d+$/.test(uid) || !home.startsWith('/'))
    throw new Failure(`There is no user ${JSON.stringify(asked)} here, whose service --user could mean.`);
  return { name, uid: Number(uid), home };
}
