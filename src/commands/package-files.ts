import { dpkgFiles } from './dpkg-files.ts';
import type { PackageFiles } from './package-listing.ts';
import { rpmFiles } from './rpm-files.ts';

/**
 * The packages of this host that belong to a program (path text), and their files: none where no package has it.
 * Only the databases of dpkg and rpm are known.
 */
export async function packageFiles(program: string): Promise<PackageFiles> {
  const files = dpkgFiles(program);
  return files.size > 0 ? files : await rpmFiles(program);
}
