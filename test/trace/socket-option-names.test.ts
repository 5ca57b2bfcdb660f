import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { asking } from '../../src/profile/calls/socket-options.ts';
import { socketOptionNames } from '../../src/trace/socket-option-names.ts';

const options = Object.entries(socketOptionNames).flatMap(([level, names]) =>
  Object.entries(names).map(([option, name]) => ({ level: Number(level), option: Number(option), name })),
);

const script = `
import socket, sys
s = socket.socket()
for word in sys.argv[1:]:
    level, option = map(int, word.split(':'))
    try: s.setsockopt(level, option, bytes(4))
    except OSError: pass
`;

describe('socket options that are told by their numbers', () => {
  test('have the names that strace gives them', async () => {
    const numbers = options.map(({ level, option }) => `${level}:${option}`);
    const { stderr } = await execa('strace', ['-e', 'trace=setsockopt', 'python3', '-c', script, ...numbers]);
    const said = [...stderr.matchAll(/^setsockopt\(\d+, [A-Z0-9_]+, ([A-Z0-9_]+),/gm)].map(
      ([, name]) => name,
    );
    expect(said).toEqual(options.map(({ name }) => name));
  });

  test('are all for which a capability may be asked', () => {
    const known = new Set(options.map(({ name }) => name));
    expect([...asking.keys()].filter((name) => !known.has(name))).toEqual([]);
  });
});
