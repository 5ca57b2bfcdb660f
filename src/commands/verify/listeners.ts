import type { Run } from '../service/unit-host.ts';

/**
 * Where something listens in a machine: TCP and UDP ports, names of UNIX sockets.
 * https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 */
export async function listeners(run: Run): Promise<Set<string>> {
  const tables = ['tcp', 'tcp6', 'udp', 'udp6', 'unix'];
  const { stdout } = await run(['tail', '-n', '+2', '-v', ...tables.map((name) => `/proc/net/${name}`)]);
  const found = new Set<string>();
  let table = '';
  for (const line of stdout.split('\n')) {
    const named = /^==> \/proc\/net\/(\w+) <==$/.exec(line)?.[1];
    if (named !== undefined) {
      table = named;
      continue;
    }
    const words = line.trim().split(/\s+/);
    // SO_ACCEPTCON, and TCP_LISTEN or, of UDP, whatever is bound.
    if (table === 'unix' && words[3] === '00010000') found.add(`unix ${words[7] ?? ''}`);
    else if (table.startsWith('tcp') && words[3] === '0A') found.add(`${table} ${words[1] ?? ''}`);
    else if (table.startsWith('udp') && words[3] === '07') found.add(`${table} ${words[1] ?? ''}`);
  }
  return found;
}

/** Whether something listens at each of these. */
export async function allListen(run: Run, wanted: ReadonlySet<string>): Promise<boolean> {
  const found = await listeners(run);
  return [...wanted].every((each) => found.has(each));
}
