import { isCall, needsAny, touching } from '../behaviour.ts';
import { onOff } from '../on-off.ts';

const loading = new Set(['init_module', 'finit_module', 'delete_module']);

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#ProtectKernelModules= */
export const protectKernelModules = onOff({
  name: 'ProtectKernelModules',
  since: 232,
  about: { denies: 'Loading modules, and looking below /usr/lib/modules', when: 'Nothing of that was done' },
  reason: 'No kernel module was loaded, and none was looked for.',
  ownsMounts: () => true,
  refuses(behaviour) {
    // CAP_SYS_MODULE is taken away with it.
    if (isCall(behaviour, loading) || needsAny(behaviour, ['CAP_SYS_MODULE'])) return 'EPERM';
    const use = touching(behaviour, ['/usr/lib/modules', '/lib/modules']);
    if (use === undefined) return undefined;
    // The directory is there and empty; only root may look.
    const isItself = [use.path, ...use.facts.real].some((path) => path.endsWith('/lib/modules'));
    if (isItself && (use.act === 'stat' || use.act === 'enter')) return undefined;
    const isRoot = use.evidence.as?.every((label) => label.startsWith('0')) === true;
    return isRoot && !isItself ? 'ENOENT' : 'EACCES';
  },
});
