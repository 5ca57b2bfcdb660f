import { readdirSync, readFileSync } from 'node:fs';

/**
 * The processes given, and all that descend from them at this moment; never this one or its own children, which are in that
 * tree where somebody traces their shell. A process whose parent has ended is init's child, and can't be told.
 */
export function withDescendants(pids: readonly number[]): number[] {
  const children = childrenOfAll();
  const found = new Set<number>();
  const next = [...pids];
  for (let pid = next.pop(); pid !== undefined; pid = next.pop()) {
    if (found.has(pid) || (pid === process.pid && !pids.includes(pid))) continue;
    found.add(pid);
    next.push(...(children.get(pid) ?? []));
  }
  return [...found].sort((a, b) => a - b);
}

function childrenOfAll(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [Number(name)]);
    else siblings.push(Number(name));
  }
  return children;
}

/** `12 (a) b) S 1 …`: the name may hold anything, so what counts stands behind the last bracket; no parent of a zombie's. */
function parentOf(pid: string): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : Number(parent);
}
