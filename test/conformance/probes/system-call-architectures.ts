import { both, each, type ProbeFile } from '../probe.ts';

/** A 32-bit program that only ends: exit(0) through int 0x80. */
const narrow = [
  'import struct',
  "code = bytes.fromhex('31db31c040cd80')",
  "head = b'\\x7fELF\\x01\\x01\\x01' + bytes(9) + struct.pack('<HHIIIIIHHHHHH', 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 40, 0, 0)",
  "part = struct.pack('<IIIIIIII', 1, 0, 0x8048000, 0x8048000, 84 + len(code), 84 + len(code), 5, 4096)",
  "open('@/narrow', 'wb').write(head + part + code)",
  "os.chmod('@/narrow', 0o755)",
].join('\n');
const runs = "run('@/narrow')";

export default {
  directive: 'SystemCallArchitectures',
  probes: [
    ...both('SystemCallArchitectures=native', [runs], { before: narrow }),
    ...each(['SystemCallArchitectures=native', 'SystemCallErrorNumber=EPERM'], [runs], { before: narrow }),
    ...each('SystemCallArchitectures=native x86', [runs], { before: narrow }),
    ...each('SystemCallArchitectures=x86', [runs, "read('@/f')"], { before: narrow }),
    ...each('SystemCallArchitectures=x86-64', [runs], { before: narrow }),
    ...each(['SystemCallArchitectures=native', 'SystemCallArchitectures='], [runs], { before: narrow }),
    ...each('SystemCallArchitectures=native', ["read('@/f')", "run('/usr/bin/true')"]),
  ],
} satisfies ProbeFile;
