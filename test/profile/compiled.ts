import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

async function canRun(name: string): Promise<boolean> {
  const { exitCode } = await execa(name, ['--version'], { reject: false });
  return exitCode === 0;
}

/** Why the programs can't be built or traced here; undefined where they can. */
export const missing = !(await canRun('cc'))
  ? 'there is no C compiler'
  : !(await canRun('strace'))
    ? 'there is no strace'
    : undefined;

export const isRoot = process.getuid?.() === 0;

export class Programs {
  readonly folder = mkdtempSync(join(tmpdir(), 'programs-'));

  /** Builds programs/NAME.c, once. */
  async build(name: string): Promise<string> {
    const source = fileURLToPath(new URL(`./programs/${name}.c`, import.meta.url));
    const target = join(this.folder, name);
    await execa('cc', ['-O1', '-Wall', '-Werror', '-pthread', '-o', target, source]);
    return target;
  }

  /** An empty directory of that name. */
  fresh(name: string): string {
    const path = join(this.folder, name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
