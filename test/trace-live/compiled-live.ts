import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Compiles src/trace/live/ so that a plain node process, which a test can kill, runs it. The directory is inside the project,
 * where its imports find their packages; the caller removes it.
 */
export async function compileLive(): Promise<{ directory: string; module(name: string): string }> {
  const directory = await mkdtemp(join(root, 'node_modules', '.live-'));
  const config = join(directory, 'tsconfig.json');
  const options = { outDir: directory, rootDir: join(root, 'src'), declaration: false, types: ['node'] };
  const include = [join(root, 'src/trace/live')];
  await writeFile(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions: options, include }),
  );
  await execa(join(root, 'node_modules/.bin/tsc'), ['-p', config], { reject: false });
  return { directory, module: (name) => join(directory, 'trace/live', name) };
}
