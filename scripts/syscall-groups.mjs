#!/usr/bin/env node
/**
 * Remakes src/syscall-groups/data/groups.json: which calls systemd's @groups hold, version by version.
 *
 *   node scripts/syscall-groups.mjs DIRECTORY
 *
 * DIRECTORY holds one folder a version, each filled from that version's source:
 *   v252/seccomp-util.c    src/shared/seccomp-util.c
 *   v252/syscall-list.txt  what @known includes, since 247 (src/shared/syscall-names.text, later
 *                          src/basic/syscall-list.txt, later src/include/override/sys/syscall-list.txt)
 *   v252/source            one line of words: where the text comes from
 *   v252/date              the day of the release, YYYY-MM-DD
 * docs/syscall-groups.md shows how to fill it from a clone of systemd.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error('Say which directory holds the source texts: node scripts/syscall-groups.mjs DIRECTORY');
  process.exit(2);
}

const versions = readdirSync(directory)
  .filter((name) => /^v\d+$/.test(name))
  .map((name) => Number(name.slice(1)))
  .sort((a, b) => a - b);
const text = (version, name) => readFileSync(join(directory, `v${version}`, name), 'utf8');

/** The groups of one seccomp-util.c: name → members, groups among them. `#ifdef`ed members count: they are other architectures'. */
const groupsOf = (version) => {
  const source = text(version, 'seccomp-util.c');
  const start = source.indexOf('SyscallFilterSet syscall_filter_sets[');
  const table = source.slice(start, source.indexOf('\n};', start)).replace(/\/\*[\s\S]*?\*\//g, '');
  const groups = new Map();
  for (const block of table.split(/\[SYSCALL_FILTER_SET_\w+\]\s*=/).slice(1)) {
    const name = /\.name\s*=\s*"(@[\w-]+)"/.exec(block)?.[1];
    const value = block.slice(block.search(/\.value\s*=/));
    const members = [...value.matchAll(/"([@\w-]+)\\0"/g)].map((match) => match[1]);
    if (value.includes('#include "syscall-list.'))
      members.push(...text(version, 'syscall-list.txt').split(/\s+/).filter(Boolean));
    if (name === undefined || members.length === 0)
      throw new Error(`v${version}: a group that can't be read: ${block}`);
    groups.set(name, new Set(members));
  }
  if (groups.size < 20) throw new Error(`v${version}: only ${groups.size} groups were found`);
  return groups;
};

const byVersion = versions.map(groupsOf);
const names = [...new Set(byVersion.flatMap((groups) => [...groups.keys()]))].sort();

/** `245-` (to the newest), `239-244`: the runs of versions that hold a member. */
const spans = (group, member) => {
  const runs = [];
  for (const [index, groups] of byVersion.entries()) {
    if (!groups.get(group)?.has(member)) continue;
    const last = runs.at(-1);
    if (last?.to === index - 1) last.to = index;
    else runs.push({ from: index, to: index });
  }
  return runs.map(({ from, to }) => `${versions[from]}-${to === versions.length - 1 ? '' : versions[to]}`);
};

const groups = {};
for (const name of names) {
  const bySpan = new Map();
  const members = [...new Set(byVersion.flatMap((each) => [...(each.get(name) ?? [])]))].sort();
  for (const member of members) {
    for (const span of spans(name, member)) bySpan.set(span, [...(bySpan.get(span) ?? []), member]);
  }
  groups[name] = Object.fromEntries([...bySpan].sort().map(([span, list]) => [span, list.join(' ')]));
}

const out = {
  about:
    'The @groups of systemd by version, made by scripts/syscall-groups.mjs from src/shared/seccomp-util.c. A key such as "245-" or "239-244" says in which versions the group holds those members.',
  versions: versions.map((version) => ({
    version,
    date: text(version, 'date').trim(),
    source: text(version, 'source').trim(),
  })),
  groups,
};
writeFileSync(
  new URL('../src/syscall-groups/data/groups.json', import.meta.url),
  `${JSON.stringify(out, null, 1)}\n`,
);
