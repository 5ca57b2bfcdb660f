import { stringBytes } from '../../trace/values.ts';
import type { ClassOf } from './class-of.ts';

/**
 * Extended attributes that not everybody may see or set, by the beginning of their names:
 * https://man7.org/linux/man-pages/man7/xattr.7.html. What user and system attributes ask for is asked of the file.
 */
const attribute =
  (position: number): ClassOf =>
  ({ args }) => {
    const name = stringBytes(args[position]) ?? '';
    if (name.startsWith('trusted.')) return 'trusted';
    if (!name.startsWith('security.')) return undefined;
    return known.find((each) => name === each || name.startsWith(`${each}.`)) ?? 'security';
  };

/** Those for which the kernel has rules of their own: security/commoncap.c, and the security modules. */
const known = ['security.capability', 'security.selinux', 'security.SMACK64'];

/** To read one is free, but for trusted ones: to others they are not there. */
const readAttribute =
  (position: number): ClassOf =>
  (call, task, observation) => {
    const what = attribute(position)(call, task, observation);
    return what === 'trusted' ? what : undefined;
  };

export const attributeClasses: Readonly<Record<string, ClassOf>> = {
  setxattr: attribute(1),
  lsetxattr: attribute(1),
  fsetxattr: attribute(1),
  setxattrat: attribute(3),
  removexattr: attribute(1),
  lremovexattr: attribute(1),
  fremovexattr: attribute(1),
  removexattrat: attribute(3),
  getxattr: readAttribute(1),
  lgetxattr: readAttribute(1),
  fgetxattr: readAttribute(1),
  getxattrat: readAttribute(3),
};
