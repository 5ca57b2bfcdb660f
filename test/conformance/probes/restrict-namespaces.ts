import { each, type ProbeFile, someUser } from '../probe.ts';

const flags = {
  cgroup: 0x02000000,
  ipc: 0x08000000,
  net: 0x40000000,
  mnt: 0x00020000,
  pid: 0x20000000,
  user: 0x10000000,
  uts: 0x04000000,
  time: 0x00000080,
};
const begin = (name: keyof typeof flags) => `child(lambda: call('unshare', ${flags[name]}))`;
const enter = (name: keyof typeof flags, flag = flags[name]) =>
  `call('setns', os.open('/proc/self/ns/${name}', os.O_RDONLY), ${flag})`;
const clone3 = (name: keyof typeof flags) =>
  `pid = call('clone3', struct.pack('8Q', ${flags[name]}, 0, 0, 0, 17, 0, 0, 0), 64); pid or os._exit(0); os.waitpid(pid, 0)`;
const types = Object.keys(flags) as (keyof typeof flags)[];
const key = 'RestrictNamespaces';

export default {
  directive: key,
  probes: [
    ...each(`${key}=yes`, [...types.map(begin), enter('net'), enter('uts', 0)]),
    ...each(`${key}=yes`, ["child(lambda: call('unshare', 0x400))", 'thread()', "run('/usr/bin/true')"]),
    ...each(`${key}=yes`, [begin('user'), 'thread()', "run('/usr/bin/true')"], { user: someUser }),
    ...each(`${key}=user`, [begin('user')], { user: someUser }),
    ...each(`${key}=no`, [begin('net'), enter('net')]),
    ...each(`${key}=net uts`, [begin('net'), begin('uts'), begin('ipc'), enter('net'), enter('ipc')]),
    ...each(`${key}=~net`, [begin('net'), begin('uts')]),
    ...each([`${key}=yes`, `${key}=uts`], [begin('uts'), begin('net')]),
    ...each([`${key}=net`, `${key}=yes`], [begin('net')]),
    ...each([`${key}=no`, `${key}=uts`], [begin('net'), begin('uts')]),
    ...each([`${key}=net`, `${key}=`], [begin('uts')]),
    ...each([`${key}=net uts`, `${key}=~uts`], [begin('net'), begin('uts')]),
    // One type that is not known, and the rest of the line is not read.
    ...each([`${key}=uts`, `${key}=net bogus`], [begin('net'), begin('uts')]),
    ...each([`${key}=`, `${key}=uts bogus`], [begin('net')]),
    ...each([`${key}=~time`], [begin('time'), begin('net')]),
    ...each([`${key}=~time uts`], [begin('time'), begin('uts'), begin('net')]),
    ...each([`${key}=cgroup ipc mnt net pid user uts`], [begin('time'), clone3('uts')]),
    ...each([`${key}=yes`], [enter('time'), clone3('uts')]),
    // A filter does not see the flags of clone3.
    ...each([`${key}=uts`], [clone3('uts'), enter('uts', 0)]),
    ...each([`${key}=no`], [clone3('uts')]),
    {
      lines: [`${key}=yes`],
      act: "past('EINVAL', lambda: call('clone3', 0, 0))",
      differs: {
        why: 'ENOSYS makes libc take clone instead, so nothing that needs a thread or a child is refused.',
      },
    },
  ],
} satisfies ProbeFile;
