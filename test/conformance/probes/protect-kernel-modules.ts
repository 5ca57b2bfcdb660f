import { each, type ProbeFile, someUser } from '../probe.ts';

const acts = [
  "past('ENOSYS', lambda: past('ENOENT', lambda: call('delete_module', b'none_such', 0x800)))",
  "past('ENOSYS', lambda: past('ENOEXEC', lambda: call('init_module', b'x' * 64, 64, b'')))",
  "past('ENOSYS', lambda: past('EBADF', lambda: call('finit_module', -1, b'', 0)))",
  "read('/usr/lib/modules/probe')",
  "os.stat('/usr/lib/modules')",
  "expect(os.listdir('/usr/lib/modules') != [])",
];

export default {
  directive: 'ProtectKernelModules',
  probes: [
    ...each('ProtectKernelModules=yes', acts),
    ...each('ProtectKernelModules=yes', acts.slice(3), { user: someUser }),
    ...each('ProtectKernelModules=no', [acts[0] ?? '', acts[3] ?? '']),
  ],
} satisfies ProbeFile;
