import { each, type ProbeFile } from '../probe.ts';

export default {
  directive: 'SecureBits',
  probes: [
    ...each('SecureBits=noroot', ["os.chown('@/f', 1, 1)", "write('@/f')", 'child(lambda: os.setuid(1))']),
    ...each('SecureBits=keep-caps', ["os.chown('@/f', 1, 1)", 'child(lambda: os.setuid(1))']),
    ...each('SecureBits=noroot noroot-locked', ["os.chown('@/f', 1, 1)"]),
  ],
} satisfies ProbeFile;
