import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { cli, isSentence } from '../cli/start-cli.ts';
import { isAll, mayLack } from '../daemons/required.ts';

/**
 * Pulls the plug at every step of `service start`, `finish` and `reset`: each call of systemctl that changes something, and each call
 * of the kernel that makes, replaces or removes a file. Some minutes long, so it runs with `npm run daemons`.
 */
const missing = (await machineNeeds()) ?? (existsSync(cli) ? undefined : 'it was not built');
const why = isAll ? missing : 'npm run daemons';
const units = '/etc/systemd/system';

/** Stands before the real one: at the Nth call that changes something it kills who called it, or fails. $PLAN holds a file for each unit. */
const systemctl = `#!/bin/sh
for word in "$@"; do
  case $word in stop | start | restart | daemon-reload | reset-failed) changes=yes ;; show) break ;; esac
done
if [ -n "\${changes:-}" ] && [ -n "\${PLAN:-}" ] && [ -e "$PLAN" ]; then
  read -r mode left < "$PLAN"
  echo "$mode $((left - 1))" > "$PLAN"
  if [ $left = 1 ]; then
    case $mode in
      killed) kill -9 $PPID; exit 1 ;;
      fails) echo injected >&2; exit 1 ;;
    esac
  fi
fi
exec /usr/bin/systemctl "$@"
`;

/** How a command is interrupted: at which step, counted from 1. */
interface Plan {
  /** `rename`, or `systemctl` where the caller is `killed`, or is told that it `fails`. */
  what: string;
  mode: 'killed' | 'fails';
  at: number;
}

/** Where a rename does not come about, the part of a file is there that would have become it. */
const fileCalls = ['mkdir', 'link', 'rename', 'unlink', 'rmdir'];

/** Each with what has to be done before, of which nothing is interrupted. */
const commands = {
  start: { words: ['start'], before: [], steps: 15 },
  finish: { words: ['finish'], before: [['start']], steps: 15 },
  'finish --apply': { words: ['finish', '--apply'], before: [['start']], steps: 25 },
  reset: { words: ['reset'], before: [['start']], steps: 8 },
  'reset of what was applied': { words: ['reset'], before: [['start'], ['finish', '--apply']], steps: 8 },
} as const;

describe.skipIf(!isAll || mayLack(missing))(`service, interrupted (${why ?? 'inside a machine'})`, () => {
  let machine: Machine;
  /** Units that are interrupted at the same time: most of it is waiting. */
  const lanes = Array.from({ length: 8 }, (_, at) => `lane-${at}`);

  beforeAll(async () => {
    machine = await bootMachine();
    for (const lane of lanes) {
      const unit = '[Service]\nProtectSystem=full\nExecStart=/bin/sleep 100000\n';
      await machine.writeFile(`${units}/${lane}.service`, unit);
    }
    await sh(`systemctl daemon-reload; systemctl start ${lanes.join(' ')}`);
    await machine.writeFile('/usr/local/sbin/systemctl', systemctl, 0o755);
  }, 60_000);
  afterAll(async () => {
    await machine?.stop();
  });

  async function sh(script: string): Promise<string> {
    const { exitCode, stdout, stderr } = await machine.run(['bash', '-ec', script]);
    if (exitCode !== 0) throw new Error(`${script}: ${exitCode} ${stdout} ${stderr}`);
    return stdout;
  }
  const ours = (words: readonly string[], around: readonly string[] = []) =>
    machine.run([...around, process.execPath, cli, 'service', ...words], { timeout: 90_000 });
  /** Of this unit, and of ours for it. */
  const files = (lane: string) => {
    const found = `find ${units} \\( -path '${units}/${lane}.*' -o -path '*sandbox-profile-tend-${lane}.*' \\)`;
    return sh(
      `${found} -printf '%p %m %l\\n' | sort; ${found} -type f -exec sha256sum {} + | sort; ls -Ad /var/lib/sandbox-profile/*${lane}.* 2>/dev/null || :`,
    );
  };

  /** @returns what is not as it should be; `undefined` where the command came to its end before that step */
  async function interrupt(
    lane: string,
    name: keyof typeof commands,
    plan: Plan,
  ): Promise<string[] | undefined> {
    const { words, before } = commands[name];
    const untouched = await files(lane);
    for (const earlier of before) {
      const { exitCode, stderr } = await ours([...earlier, lane]);
      if (exitCode !== 0) return [`${earlier.join(' ')}: ${stderr}`];
    }
    const file = `/tmp/plan-${lane}`;
    const isFileCall = plan.what !== 'systemctl';
    if (!isFileCall) await sh(`echo ${plan.mode} ${plan.at} > ${file}`);
    const inject = ['-e', `trace=${plan.what}`, '-e', `inject=${plan.what}:signal=KILL:when=${plan.at}`];
    const around = isFileCall
      ? // Node makes these calls in threads of a pool: of one, so that they are counted in their order.
        ['env', 'UV_THREADPOOL_SIZE=1', 'strace', '-f', '-qq', '-o', '/dev/null', ...inject]
      : ['env', `PLAN=${file}`];
    const { exitCode, stdout, stderr } = await ours([...words, lane], around);
    const isReached = isFileCall ? exitCode === 137 : !/ [1-9]/.test(await sh(`cat ${file}; rm ${file}`));
    const wrong: string[] = [];
    const must = (isWell: boolean, what: string) => {
      if (!isWell) wrong.push(what);
    };
    if (isReached) {
      if (plan.mode === 'killed') must(exitCode === 137, `it ended with ${exitCode}: ${stderr}`);
      else if (exitCode !== 0) must(isSentence(stderr), stderr);
      // At each point the unit can be started, with what lies there now.
      await sh(
        `/usr/bin/systemctl daemon-reload; /usr/bin/systemctl restart ${lane}; systemctl is-active ${lane}`,
      );
      if (name.startsWith('finish') && exitCode !== 0) {
        const applied = await sh(`cat ${units}/${lane}.service.d/50-sandbox-profile.conf 2>/dev/null || :`);
        const again = await ours(['finish', lane]);
        // What was seen is in the drop-in that was printed or installed, or can still be had.
        const said = [stdout, again.stdout, ...(again.stderr.includes('is not traced') ? [applied] : [])];
        must(said.join('').includes('SystemCallFilter='), `what was seen is lost: ${again.stderr}`);
      } else if (name === 'start' && plan.mode === 'killed') {
        const { stdout, stderr } = await ours(['status', lane]);
        // Killed once all was done, it is traced.
        must(/traced, watched since|is not traced/.test(stdout + stderr), `status: ${stdout} ${stderr}`);
      }
    }
    await ours(['reset', lane]);
    must((await files(lane)) === untouched, `left: ${await files(lane)}`);
    await sh(`systemctl is-active ${lane}`).catch((error) => wrong.push(String(error)));
    const dropIns = await sh(`systemctl show -P DropInPaths ${lane}`);
    must(dropIns === '', `drop-ins: ${dropIns}`);
    must((await sh(`pgrep -fx 'strace.*/${lane}.service/.*' || :`)) === '', 'a tracer is left');
    return isReached ? wrong : undefined;
  }

  test.each(Object.keys(commands) as (keyof typeof commands)[])(
    '%s: killed at each step, nothing is lost or left, and the unit runs',
    async (name) => {
      const wrong: string[] = [];
      let tried = 0;
      // One row a kind of step: how many there are is known when the command comes to its end before.
      const rows = [
        ...fileCalls.map((what) => ({ what, mode: 'killed' as const })),
        { what: 'systemctl', mode: 'killed' as const },
        { what: 'systemctl', mode: 'fails' as const },
      ];
      await Promise.all(
        rows.map(async (row, index) => {
          const lane = lanes[index] ?? '';
          for (let at = 1; ; at++) {
            const found = await interrupt(lane, name, { ...row, at });
            if (found === undefined) return;
            tried++;
            wrong.push(...found.map((what) => `${row.what} ${at} ${row.mode}: ${what}`));
          }
        }),
      );
      expect(wrong).toEqual([]);
      expect(tried).toBeGreaterThanOrEqual(commands[name].steps);
    },
    1_800_000,
  );
});
