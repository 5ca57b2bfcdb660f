import { both, each, type ProbeFile } from '../probe.ts';

export default {
  directive: 'RootImage',
  probes: [
    ...both(['RootImage=@/f', 'RootImage='], ["read('@/f')"]),
    ...each('RootImage=@/f', ["read('@/f')"], {
      differs: {
        why: 'With a file that is no image the unit does not start (226/NAMESPACE): `check` says that it judges no other tree.',
      },
    }),
  ],
} satisfies ProbeFile;
