import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Capabilities, capability, capabilityNames } from '../../src/profile/capabilities.ts';
import { labelHolds, labelWithout } from '../../src/profile/capability-label.ts';
import { changed, initialCredentials } from '../../src/profile/credentials.ts';

const names = capabilityNames.map((name) => name.replace('CAP_', ''));
const sets = fc
  .subarray(names)
  .map((held): Capabilities => held.reduce((set, name) => set | capability(name), 0n));
const ids = fc.constantFrom(0, 33, 1000);

test('a label tells which capabilities were held, as it was written', () => {
  fc.assert(
    fc.property(ids, sets, (uid, effective) => {
      const { label } = changed(initialCredentials(uid), { effective });
      for (const name of names) expect(labelHolds(label, name)).toBe((effective & capability(name)) !== 0n);
    }),
  );
});

test('a label without some capabilities is the one of who never had them', () => {
  fc.assert(
    fc.property(ids, sets, sets, (uid, effective, taken) => {
      const before = changed(initialCredentials(uid), { effective });
      const after = changed(before, { effective: effective & ~taken });
      expect(labelWithout(before.label, taken)).toBe(after.label);
    }),
  );
});

test('nobody in a user namespace of his own holds one that counts outside', () => {
  expect(labelHolds('0 userns', 'SYS_ADMIN')).toBe(false);
  expect(labelWithout('0 userns', capability('SYS_ADMIN'))).toBe('0 userns');
});
