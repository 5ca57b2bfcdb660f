import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** From dist/attacks/ the first is there, from src/attacks/ (tests) the second. */
const places = ['./probe', '../../dist/attacks/probe'].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
);

/** What ELF files call machines (e_machine), and what Node does: https://man7.org/linux/man-pages/man5/elf.5.html */
const machines: ReadonlyMap<number, string> = new Map([
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
]);

/**
 * The probe's executable: scripts/build-probe.mjs makes it.
 * @throws when it was not built, or for another kind of machine
 */
export function probeFile(): string {
  // src/attacks/probe is the folder of its source.
  const found = places.find((place) => existsSync(place) && !existsSync(`${place}/probe.h`));
  if (found === undefined)
    throw new Error(
      'The probe for attacks was not built, because there was no C compiler: install one (gcc and libc6-dev) and run `npm run build`.',
    );
  checkMachine(found, process.arch);
  return found;
}

/** @throws when an executable is for another kind of machine than this one */
export function checkMachine(file: string, architecture: string): void {
  const number = machineOf(file);
  const name = machines.get(number);
  if (name !== architecture)
    throw new Error(
      `The probe for attacks is for ${name ?? `machines of number ${number}`}, and this machine is ${architecture}: build this package from its source here (\`npm run build\`, with gcc and libc6-dev).`,
    );
}

function machineOf(file: string): number {
  const header = Buffer.alloc(20);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, header, 0, header.length, 0);
  } finally {
    closeSync(handle);
  }
  // All of these are little-endian.
  return header.readUInt16LE(18);
}
