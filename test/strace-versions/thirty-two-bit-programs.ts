import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** Programs without libc, so that what they do is the same each time: all of it by the 32-bit ABI, and some of it. */
export interface ThirtyTwoBitPrograms {
  narrow: string;
  mixed: string;
  /** Why they can't be built or run: another processor, a kernel without 32-bit programs. Empty where they can. */
  missing: string;
}

export async function buildThirtyTwoBitPrograms(folder: string): Promise<ThirtyTwoBitPrograms> {
  const built = async (name: string, flags: string[]): Promise<string> => {
    const source = fileURLToPath(new URL(`./${name}.S`, import.meta.url));
    const program = join(folder, name);
    await execa('cc', [...flags, '-nostdlib', '-static', '-no-pie', '-o', program, source]);
    await execa(program);
    return program;
  };
  try {
    const [narrow, mixed] = await Promise.all([built('narrow', ['-m32']), built('mixed', [])]);
    return { narrow, mixed, missing: '' };
  } catch (error) {
    return {
      narrow: '',
      mixed: '',
      missing: String((error as { shortMessage?: string }).shortMessage ?? error),
    };
  }
}
