import { expect, test } from 'vitest';
import { programFacts } from '../../src/paths/program-facts.ts';
import { openRoot } from '../../src/paths/root.ts';
import { bootMachine, machineNeeds } from '../../src/systemd/machine.ts';

const missing = await machineNeeds();

test.skipIf(missing !== undefined)(
  `files of a throw-away machine are read from outside as they are inside (${missing ?? 'booted here'})`,
  async () => {
    const machine = await bootMachine();
    try {
      await machine.writeFile('/srv/only-inside', '#!/bin/sh\n', 0o755);
      await machine.run(['ln', '-s', '/srv/only-inside', '/srv/link']);
      const root = openRoot(machine.root);
      expect(root.lookUp('/srv/link')).toMatchObject({ real: '/srv/only-inside', kind: 'file' });
      expect(programFacts(root, '/srv/link')).toMatchObject({
        format: 'script',
        needs: expect.arrayContaining([expect.objectContaining({ role: 'interpreter', path: '/bin/sh' })]),
      });
    } finally {
      await machine.stop();
    }
  },
  60_000,
);
