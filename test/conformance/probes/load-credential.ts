import { both, each, type ProbeFile } from '../probe.ts';

/** systemd reads the file in the daemon's stead, and shows it elsewhere: where it was it stays. */
export default {
  directive: 'LoadCredential',
  probes: [
    ...both('LoadCredential=key:@/f', ["read('@/f')", "write('@/f')", "create('@/n')"]),
    ...each('LoadCredential=key:@/secret', ["read('@/secret')"], {
      before: "open('@/secret', 'w').close(); os.chmod('@/secret', 0o600)",
    }),
    ...each('LoadCredential=key:@/missing', ["read('@/f')"], {
      differs: {
        why: 'A unit whose credential is missing does not start (243/CREDENTIALS); a trace does not tell that it is.',
      },
    }),
  ],
} satisfies ProbeFile;
