import { expect, test } from 'vitest';
import { directives } from '../../src/directives/registry.ts';
import type { Probe } from './probe.ts';
import { allProbes } from './table.ts';

/** What is never set for a user's unit, or means nothing there. */
const rootOnly: Readonly<Record<string, string>> = {
  User: 'it is what makes it a unit of a user',
  DynamicUser: 'it brings a user of its own',
};

const probes = await allProbes();
const isSaid = ({ lines }: Probe, key: string, value?: string) =>
  lines.some((line) => {
    const [name = '', ...rest] = line.split('=');
    return name === key && (value === undefined || rest.join('=').split(' ').includes(value));
  });

test('every directive is probed, as root and as a user', () => {
  const names = directives.map(({ name }) => name);
  expect(names.filter((name) => !probes.some((probe) => !isUser(probe) && isSaid(probe, name)))).toEqual([]);
  const without = names.filter((name) => !probes.some((probe) => isUser(probe) && isSaid(probe, name)));
  expect(without.sort()).toEqual(Object.keys(rootOnly).sort());
});

test('every value of a directive that has few is probed', () => {
  const left = directives.flatMap(({ name, values }) =>
    values
      .filter((value) => !probes.some((probe) => isSaid(probe, name, value)))
      .map((value) => `${name}=${value}`),
  );
  expect(left).toEqual([]);
});

function isUser({ user }: Probe): boolean {
  return user !== undefined && user !== 'root';
}
