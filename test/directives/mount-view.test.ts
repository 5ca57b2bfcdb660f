import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Behaviour } from '../../src/directives/behaviour.ts';
import { type MountRule, MountView, type Refusal } from '../../src/directives/mount-view.ts';
import type { PathFacts } from '../../src/directives/path-facts.ts';
import type { Act } from '../../src/profile/acts.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { caseOf, generatedCases, knownCases, type MountCase } from './mount-cases.ts';

const missing = await machineNeeds();

/** Rules that are not for a place in a tree below /var/lib. */
const elsewhere: readonly MountCase[] = [
  {
    base: '/tmp',
    lines: ['PrivateTmp=yes'],
    rules: [{ flag: 'private-tmp', path: '/tmp', by: 'PrivateTmp' }],
  },
  {
    base: '/tmp',
    lines: ['PrivateTmp=yes', 'ReadOnlyPaths=/tmp', 'BindPaths=@/a', 'NoExecPaths=@/a'],
    rules: [
      { flag: 'private-tmp', path: '/tmp', by: 'PrivateTmp' },
      { flag: 'read-only', path: '/tmp', by: 'ReadOnlyPaths' },
      { flag: 'bind', path: '@/a', source: '@/a', readOnly: false, by: 'BindPaths' },
      { flag: 'no-exec', path: '@/a', by: 'NoExecPaths' },
    ],
  },
  {
    base: '/home',
    lines: ['ProtectSystem=strict', 'TemporaryFileSystem=/home:ro', 'BindReadOnlyPaths=@/a'],
    rules: [
      { flag: 'read-only', path: '/', by: 'ProtectSystem' },
      { flag: 'left-writable', path: '/home', by: 'ProtectSystem' },
      { flag: 'tmpfs', path: '/home', readOnly: true, noExec: false, by: 'TemporaryFileSystem' },
      { flag: 'bind', path: '@/a', source: '@/a', readOnly: true, by: 'BindReadOnlyPaths' },
    ],
  },
  {
    base: '/home',
    lines: ['ProtectSystem=strict', 'NoExecPaths=/home', 'ReadWritePaths=@'],
    rules: [
      { flag: 'read-only', path: '/', by: 'ProtectSystem' },
      { flag: 'left-writable', path: '/home', by: 'ProtectSystem' },
      { flag: 'no-exec', path: '/home', by: 'NoExecPaths' },
      { flag: 'read-write', path: '@', by: 'ReadWritePaths' },
    ],
  },
];

const cases: [string, MountCase][] = [
  ...[...knownCases, ...generatedCases(110, 20)].map((text): [string, MountCase] => [text, caseOf(text)]),
  ...elsewhere.map((one): [string, MountCase] => [one.lines.join(', '), one]),
];

const treeOf = (index: number, base = '/var/lib') => `${base}/t${index}`;

describe.skipIf(missing !== undefined)(
  `the model of the mount namespace and systemd (${missing ?? 'in a throw-away machine'})`,
  () => {
    let machine: Machine;
    let outcomes: Outcome[][];
    let free: Outcome[];

    beforeAll(async () => {
      machine = await bootMachine();
      outcomes = await outcomesOf(machine);
      free = (outcomes.pop() ?? []).map((outcome) => relativeTo(treeOf(cases.length), outcome));
    });
    afterAll(async () => {
      await machine?.stop();
    });

    test('agree on every act, as root and as nobody, under every combination of rules', () => {
      const worked = new Set(free.filter(({ outcome }) => outcome === 'ok').map(keyOf));
      const wrong: string[] = [];
      let compared = 0;
      for (const [index, [text, { base, rules }]] of cases.entries()) {
        const tree = treeOf(index, base);
        const view = new MountView(rules.map((rule) => inTree(rule, tree)));
        const found = (outcomes[index] ?? []).map((outcome) => relativeTo(tree, outcome));
        if (found.length !== free.length) wrong.push(`${text}: did not run (${found.length} acts)`);
        for (const act of found) {
          if (!worked.has(keyOf(act))) continue;
          compared++;
          const refusals = behavioursOf(tree, act).map((behaviour) => view.refuses(behaviour));
          const difference = differenceOf(act.outcome, refusals);
          if (difference !== undefined) wrong.push(`${text}: ${keyOf(act)}: ${difference}`);
        }
      }
      expect(wrong.slice(0, 40)).toEqual([]);
      expect(compared).toBeGreaterThan(cases.length * 500);
    });
  },
);

interface Outcome {
  uid: string;
  act: string;
  path: string;
  path2: string;
  outcome: string;
}

const keyOf = ({ uid, act, path, path2 }: Outcome) => `${uid} ${act} ${path} ${path2}`;

const relativeTo = (tree: string, outcome: Outcome): Outcome => ({
  ...outcome,
  path: outcome.path.replace(tree, '@'),
  path2: outcome.path2.replace(tree, '@'),
});

/** One unit a case, and one without any rule at the end; all in one machine, each on a tree of its own. */
async function outcomesOf(machine: Machine): Promise<Outcome[][]> {
  const probe = await readFile(new URL('mount-probe.py', import.meta.url));
  const all: MountCase[] = [...cases.map(([, each]) => each), { lines: [], rules: [] }];
  await machine.writeFile('/opt/probe.py', probe, 0o755);
  const trees = all.map(({ base }, index) => treeOf(index, base));
  const made = await machine.run([
    'sh',
    '-c',
    'mkdir /opt/out; mkfifo /opt/made; python3 /opt/probe.py make "$@" >/opt/made 2>/opt/wrong & read line </opt/made',
    'make',
    ...trees,
  ]);
  if (made.exitCode !== 0) throw new Error((await machine.run(['cat', '/opt/wrong'])).stdout);
  const units = all.map(({ lines }, index) => unitOf(index, lines, trees[index] ?? ''));
  // One file with all units, cut in the machine: entering it once for each takes longer than the units run.
  const cut =
    'import json,sys\nfor n,t in json.load(sys.stdin).items(): open(f"/run/systemd/system/{n}","w").write(t)';
  const input = JSON.stringify(Object.fromEntries(units));
  await machine.run(['python3', '-c', cut], { input });
  await machine.run(['systemctl', 'daemon-reload']);
  await machine.run(['systemctl', 'start', ...units.map(([name]) => name)]);
  const { stdout } = await machine.run([
    'sh',
    '-c',
    `cd /opt/out; for i in $(seq 0 ${all.length - 1}); do echo "# $i"; cat $i; done`,
  ]);
  return stdout
    .split(/^# \d+$/m)
    .slice(1)
    .map((text) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map(outcomeOf),
    );
}

function unitOf(index: number, lines: string[], tree: string): [string, string] {
  const own = lines.map((line) => line.replace('%%', tree.slice('/var/lib/'.length)).replaceAll('@', tree));
  const text = [
    '[Service]',
    'Type=oneshot',
    `ExecStart=/usr/bin/python3 -I -S /opt/probe.py probe ${tree}`,
    `StandardOutput=file:/opt/out/${index}`,
    'StateDirectoryMode=0777',
    ...own,
  ];
  return [`probe-${index}.service`, `${text.join('\n')}\n`];
}

function outcomeOf(line: string): Outcome {
  const [uid = '', act = '', path = '', path2 = '', outcome = ''] = line.split(' ');
  return { uid, act, path, path2, outcome };
}

function inTree(rule: MountRule, tree: string): MountRule {
  const path = rule.path.replace('@', tree);
  return rule.flag === 'bind' ? { ...rule, path, source: rule.source.replace('@', tree) } : { ...rule, path };
}

/** What a profile says of an act: a rename is the name that goes, the name that comes, and the move itself. */
function behavioursOf(tree: string, { uid, act, path, path2 }: Outcome): Behaviour[] {
  const evidence = { call: act, first: { source: '', line: 1 }, count: 1, as: [uid] };
  const of = (each: Act, at: string): Behaviour => {
    const named = at.replace('@', tree);
    return { kind: 'path', act: each, path: named, facts: factsOf(named, tree), evidence };
  };
  if (act !== 'rename' && act !== 'link') return [of(act as Act, path)];
  const names: Behaviour[] =
    act === 'rename'
      ? [of('rename-from', path), of('rename-to', path2)]
      : [of('link', path), of('make-node', path2)];
  const [from, to] = [path, path2].map((each) => factsOf(each.replace('@', tree), tree).real[0] ?? '');
  const move = { from: from ?? '', to: to ?? '' };
  return [...names, { kind: 'move', how: act, ...move, real: [move], evidence }];
}

const kinds: Record<string, string> = {
  f: 'file',
  g: 'file',
  n: 'missing',
  prog: 'file',
  s: 'socket',
  q: 'fifo',
  z: 'character',
};

function factsOf(path: string, tree: string): PathFacts {
  const real = path.replace(/\/[ab]\/l(?=\/|$)/, '/b/x');
  const kind = kinds[path.slice(path.lastIndexOf('/') + 1)] ?? 'directory';
  return { real: [path.startsWith(tree) ? real : path], kind: [kind], needs: [] };
}

function differenceOf(outcome: string, refusals: readonly (Refusal | undefined)[]): string | undefined {
  const expected = refusals.flatMap((refusal) => (refusal === undefined ? [] : [refusal.errno]));
  if (refusals.some((refusal) => refusal?.by === '')) return 'nobody is blamed';
  if (outcome === 'ok') return expected.length === 0 ? undefined : `works, the model says ${expected}`;
  if (expected.length === 0) return `${outcome}, the model says that it works`;
  return outcome === 'less' || expected.includes(outcome)
    ? undefined
    : `${outcome}, the model says ${expected}`;
}
