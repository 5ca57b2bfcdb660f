import { textOfBytes } from '../../paths/byte-text.ts';
import { stringBytes } from '../../trace/values.ts';
import { openedFile } from '../descriptors.ts';
import { hasFlag } from '../known-flags.ts';
import { succeeded } from '../outcome.ts';
import { absolutePath } from '../path-name.ts';
import type { Meaning, Meanings } from './meaning.ts';

/** Calls that give a file another name: https://man7.org/linux/man-pages/man2/rename.2.html, link(2), symlink(2). */

function rename(from: number, to: number, fromAt?: number, toAt?: number): Meaning {
  return (call, task, observation) => {
    const at = (position: number | undefined) => (position === undefined ? undefined : call.args[position]);
    const source = observation.named(call, task, call.args[from], at(fromAt));
    const target = observation.named(call, task, call.args[to], at(toAt));
    // Two names that trade places: each of them is taken away and made.
    const isExchange = hasFlag(call.args[4], 'RENAME_EXCHANGE');
    observation.act(call, task, source, 'rename-from');
    observation.act(call, task, target, 'rename-to');
    if (isExchange) {
      observation.act(call, task, target, 'rename-from');
      observation.act(call, task, source, 'rename-to');
    }
    if (source === undefined || target === undefined || !succeeded(call)) return;
    observation.recorder.moved('rename', source, target, call);
    if (!isExchange) observation.renamed(source, target);
  };
}

function link(from: number, to: number, fromAt?: number, toAt?: number): Meaning {
  return (call, task, observation) => {
    const at = (position: number | undefined) => (position === undefined ? undefined : call.args[position]);
    const given = call.args[from];
    const follows = hasFlag(call.args[4], 'AT_SYMLINK_FOLLOW');
    // A file that was opened with O_TMPFILE gets its first name so.
    const opened =
      stringBytes(given) === ''
        ? (observation.openFile(task, at(fromAt)) ?? openedFile(undefined))
        : follows
          ? observation.linkedFile(task, given)
          : undefined;
    const source =
      opened !== undefined
        ? opened.path
        : follows
          ? observation.target(call, task, given, at(fromAt))
          : observation.named(call, task, given, at(fromAt));
    const target = observation.named(call, task, call.args[to], at(toAt));
    observation.act(call, task, source, 'link');
    observation.act(call, task, target, 'make-node');
    if (target === undefined || !succeeded(call)) return;
    if (source !== undefined) observation.recorder.moved('link', source, target, call);
    else if (opened !== undefined) opened.path = target;
  };
}

function symlink(target: number, path: number, at?: number): Meaning {
  return (call, task, observation) => {
    const directory = at === undefined ? undefined : call.args[at];
    const name = observation.named(call, task, call.args[path], directory);
    observation.act(call, task, name, 'make-node');
    const leadsTo = stringBytes(call.args[target]);
    if (name === undefined || leadsTo === undefined || !succeeded(call)) return;
    const parent = name.slice(0, name.lastIndexOf('/')) || '/';
    const absolute = absolutePath(leadsTo, parent, task.directories.root) ?? textOfBytes(leadsTo);
    observation.recorder.linked(observation.ownName(task, name), absolute, call);
  };
}

export const nameCalls: Meanings = {
  rename: rename(0, 1),
  renameat: rename(1, 3, 0, 2),
  renameat2: rename(1, 3, 0, 2),
  link: link(0, 1),
  linkat: link(1, 3, 0, 2),
  symlink: symlink(0, 1),
  symlinkat: symlink(0, 2, 1),
};
