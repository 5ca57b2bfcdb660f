import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { inPrivateDirectory } from '../lifetime/private-directory.ts';
import { plainEnvironment } from './plain-environment.ts';
import { onlyUnitsOf, unitName, writeUnitFiles } from './unit-files.ts';

/** A key that no systemd knows: its warning proves that drop-ins were read at all. */
const canaryKey = 'SandboxProfileWasHere';

/** Units that ours names are not there to be read: which of them is missed first changes from run to run. */
const otherUnits = /: Failed to create \S+\/start: Unit /;

/**
 * What systemd would complain about in a drop-in. It ignores what it does not understand, so each complaint is a line that
 * protects nothing. Complaints that the unit alone causes are left out. Works without systemd as PID 1.
 * @returns one line a complaint (`50-sandbox-profile.conf:3: Unknown key …`); empty when all was understood.
 * @throws when systemd-analyze is missing or cannot be run.
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd-analyze.html#systemd-analyze%20verify%20FILES...
 */
export async function verifyDropIn(unitText: string, dropIn: string | Uint8Array): Promise<string[]> {
  const [alone, together] = await Promise.all([complaints(unitText), complaints(unitText, dropIn)]);
  if (!together.some((line) => line.includes(canaryKey))) {
    const why = together.at(-1) ?? 'systemd-analyze verify does not say why';
    return [`The unit cannot be loaded, so the drop-in was not checked: ${why}`];
  }
  return together.filter(
    (line) => !line.includes(canaryKey) && !otherUnits.test(line) && !alone.includes(line),
  );
}

async function complaints(unitText: string, dropIn?: string | Uint8Array): Promise<string[]> {
  return await inPrivateDirectory(async (directory) => {
    const unit = await writeUnitFiles(directory, unitText, dropIn);
    if (dropIn !== undefined) {
      await writeFile(join(directory, `${unitName}.d`, 'zz-canary.conf'), `[Service]\n${canaryKey}=yes\n`);
    }
    const result = await execa('systemd-analyze', ['verify', '--man=no', '--generators=no', unit], {
      reject: false,
      stdin: 'ignore',
      stdout: 'ignore',
      extendEnv: false,
      env: { ...plainEnvironment, ...onlyUnitsOf(directory) },
      timeout: 30_000,
    });
    if (result.exitCode === undefined) {
      throw new Error(`systemd-analyze verify could not be run: ${result.shortMessage ?? 'it was killed'}`);
    }
    return result.stderr
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replaceAll(`${directory}/`, '').replaceAll(`${unitName}.d/`, ''));
  });
}
