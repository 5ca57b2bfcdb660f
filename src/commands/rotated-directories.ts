import { readFileSync } from 'node:fs';
import { bytesOfText, textOfBytes } from '../paths/byte-text.ts';
import { nameOf, parentOf } from '../paths/covering-tree.ts';
import { normalPath } from '../paths/root.ts';
import { eachOnce } from '../profile/merge.ts';
import type { Profile } from '../profile/profile.ts';
import { ownerText } from './owner-text.ts';
import type { PackageFiles } from './package-listing.ts';

type Rotated = NonNullable<Profile['rotated'][string]>[number];

interface Block {
  patterns: string[];
  create?: string;
  su?: string;
}

/**
 * The directories of logs that logrotate rotates by the rules of packages, and whom the new log belongs to.
 * https://man7.org/linux/man-pages/man8/logrotate.8.html A directory with a wildcard in its name is left out.
 */
export function rotatedDirectories(
  files: PackageFiles,
  rules = '/etc/logrotate.d',
): Record<string, Rotated[]> {
  const found = new Map<string, Rotated[]>();
  for (const [name, paths] of files) {
    for (const file of paths.filter((each) => parentOf(each) === rules)) {
      for (const { patterns, create, su } of blocksIn(read(file))) {
        for (const pattern of patterns) {
          const path = normalPath(pattern);
          const directory = parentOf(path);
          if (!pattern.startsWith('/') || directory === '/' || /[*?[{]/.test(directory)) continue;
          const entry = {
            logs: nameOf(path),
            by: `${file} of ${name}`,
            ...(create === undefined ? {} : { create }),
            ...(su === undefined ? {} : { su }),
          };
          found.set(directory, [...(found.get(directory) ?? []), entry]);
        }
      }
    }
  }
  return Object.fromEntries([...found].sort().map(([path, entries]) => [path, eachOnce(entries)]));
}

/** Rules in braces, behind the names they are for. What stands outside (`weekly`) is for all that follow; scripts are skipped. */
function blocksIn(text: string): Block[] {
  const blocks: Block[] = [];
  let names: string[] = [];
  let block: Block | undefined;
  let isScript = false;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (isScript) {
      isScript = line !== 'endscript';
      continue;
    }
    if (line === '' || line.startsWith('#')) continue;
    if (block === undefined) {
      const [before = '', inside] = cutAt(line, '{');
      if (/^["']?\//.test(before)) names.push(...namesIn(before));
      else if (before !== '') names = [];
      if (inside === undefined) continue;
      block = { patterns: names };
      names = [];
      if (inside.trim() !== '') readRule(inside.trim(), block);
      continue;
    }
    if (line.startsWith('}')) {
      blocks.push(block);
      block = undefined;
    } else if (/^(?:(?:pre|post)rotate|(?:first|last)action|preremove)$/.test(line)) isScript = true;
    else readRule(line, block);
  }
  return blocks;
}

function cutAt(line: string, mark: string): [before: string, after: string | undefined] {
  const at = line.indexOf(mark);
  return at < 0 ? [line, undefined] : [line.slice(0, at), line.slice(at + 1)];
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

/** `create 0640 www-data adm`, `create root adm`, `su root adm`: what is left out stays as the old log had it. */
function readRule(line: string, block: Block): void {
  const [rule, ...words] = line.split(/\s+/);
  if (rule === 'create') {
    const mode = /^[0-7]+$/.test(words[0] ?? '') ? words.shift() : undefined;
    const [user, group] = words;
    if (user !== undefined && group !== undefined) block.create = ownerText(user, group, mode);
  }
  const [user, group] = words;
  if (rule === 'su' && user !== undefined && group !== undefined)
    block.su = ownerText(user, group, undefined).replace(/:[^:]*$/, '');
}

function read(file: string): string {
  try {
    return textOfBytes(readFileSync(bytesOfText(file), 'latin1'));
  } catch {
    return '';
  }
}
