import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { cli } from '../cli/start-cli.ts';
import { isAll, mayLack } from '../daemons/required.ts';

/**
 * Pulls the plug of `verify` at each kind of step that it takes: each boot of a machine, before it and in the middle, and the first
 * of each command that is run in one. In a machine of its own, so that all that could be left is seen. It takes minutes, so it runs
 * with `npm run daemons`.
 */
const missing = (await machineNeeds()) ?? (existsSync(cli) ? undefined : 'it was not built');
const why = isAll ? missing : 'npm run daemons';

/**
 * Stands before nsenter(1) and unshare(1), which `verify` calls to run a command in a machine and to boot one, and which its machines
 * don't call. Each call is noted down by its kind: the command's first words, without the numbers, which are others the next time,
 * or which boot it is. At the first one of the kind that is planned who called it is killed. The plan of a caller lies under its
 * number. At a boot nothing is forked: the children of unshare are looked at.
 */
const shim = (program: 'nsenter' | 'unshare') => `#!/bin/sh
plan=/tmp/plan-$PPID
all="$*"
${
  program === 'nsenter'
    ? `kind=$(printf %s "\${all#* KILL -- }" | tr -s '\\n\\t ' ' ' | cut -d' ' -f1-3 | sed 's/[0-9][0-9]*/N/g; s/ $//')`
    : `count=0; while read -r line; do case $line in boot*) count=$((count + 1)) ;; esac; done < $plan.log; kind="boot $count"`
}
printf '%s\\n' "$kind" >> $plan.log
IFS= read -r planned < $plan
if [ "$kind" = "$planned" ]; then kill -9 $PPID; exit 1; fi
exec /usr/bin/${program} "$@"
`;

describe.skipIf(!isAll || mayLack(missing))(`verify, interrupted (${why ?? 'inside a machine'})`, () => {
  let outer: Machine;
  beforeAll(async () => {
    outer = await bootMachine();
    await outer.writeFile(
      '/etc/systemd/system/tiny.service',
      '[Service]\nExecStart=/bin/sleep 100000\nExecReload=/bin/true\n',
    );
    await outer.writeFile('/root/tiny.conf', '[Service]\nProtectHostname=yes\n');
    await sh('systemctl daemon-reload; systemctl start tiny');
    for (const program of ['nsenter', 'unshare'] as const)
      await outer.writeFile(`/usr/local/sbin/${program}`, shim(program), 0o755);
  }, 60_000);
  afterAll(async () => {
    await outer?.stop();
  });

  async function sh(script: string): Promise<string> {
    const { exitCode, stdout, stderr } = await outer.run(['bash', '-ec', script], { timeout: 180_000 });
    expect(exitCode, `${script}: ${stdout} ${stderr}`).toBe(0);
    return stdout;
  }
  /** @returns its exit status, and the kinds of calls that it made */
  async function verify(kind: string, how: 'before' | 'within') {
    const [planned, awaited] = how === 'before' ? [kind, ''] : ['', kind];
    const said = await sh(
      `(echo '${planned}' >/tmp/plan-$BASHPID; : >/tmp/plan-$BASHPID.log; exec ${process.execPath} ${cli} verify tiny /root/tiny.conf --exercise true) >/tmp/said-$BASHPID 2>&1 & pid=$!
      if [ -n '${awaited}' ]; then until grep -qsx '${awaited}' /tmp/plan-$pid.log; do sleep 0.01; done; sleep 0.1; kill -9 $pid; fi
      wait $pid && status=0 || status=$?
      echo $status; cat /tmp/plan-$pid.log; rm /tmp/plan-$pid*; test $status != 1 || { cat /tmp/said-* >&2; exit 1; }`,
    );
    const [status, ...kinds] = said.split('\n');
    return { status, kinds: new Set(kinds) };
  }
  /** What could be left: mounts, control groups, processes, directories. */
  const all = () =>
    sh(
      `grep -v ' /proc' /proc/self/mountinfo | cut -d' ' -f4,5,9 | sort; find /sys/fs/cgroup -name 'sandbox-profile-*' -type d; ls -A /run/sandbox-profile 2>/dev/null || :
      ps -e -o args= | grep -E 'strace|sandbox-profile-machine|unshare|nsenter|setpriv' | grep -v grep || :; ls /tmp/sandbox-profile* 2>/dev/null || :`,
    );

  test('killed at each kind of step, nothing is left after the next start, and the unit runs on', async () => {
    const before = await all();
    const main = await sh('systemctl show -P MainPID tiny');
    const { status, kinds } = await verify('none', 'before');
    expect(status).toBe('0');
    expect(kinds.size).toBeGreaterThan(20);
    const plans = [...kinds].flatMap((kind) => [
      { kind, how: 'before' as const },
      ...(kind.startsWith('boot') ? [{ kind, how: 'within' as const }] : []),
    ]);
    const wrong: string[] = [];
    const inLane = async (lane: number) => {
      for (const { kind, how } of plans.filter((_, index) => index % 3 === lane)) {
        const { status } = await verify(kind, how);
        if (status !== '137') wrong.push(`${kind}, ${how}: it ended with ${status}`);
      }
    };
    await Promise.all([inLane(0), inLane(1), inLane(2)]);
    expect(wrong).toEqual([]);
    // The next one sweeps.
    expect((await verify('none', 'before')).status).toBe('0');
    expect(await all()).toBe(before);
    expect(await sh('systemctl show -P MainPID tiny; ls /etc/systemd/system/tiny.service*')).toBe(
      `${main}\n/etc/systemd/system/tiny.service`,
    );
  }, 900_000);
});
