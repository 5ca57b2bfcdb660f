import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { cli, isSentence } from '../cli/start-cli.ts';
import { isAll as isEveryDaemon, mayLack } from '../daemons/required.ts';

const isAll = process.env.SERVICE === 'all';
const isLeft = !isAll && !isEveryDaemon;
const missing = (await machineNeeds()) ?? (existsSync(cli) ? undefined : 'it was not built');
const why = isLeft ? 'npm run daemons' : missing;
const units = '/etc/systemd/system';

/** Stands before the real one: at the Nth call that changes something it kills who called it (before or after that), or fails. */
const systemctl = `#!/bin/sh
for word in "$@"; do
  case $word in stop | start | restart | daemon-reload | reset-failed) changes=yes ;; show) break ;; esac
done
if [ -n "\${changes:-}" ] && [ -e /tmp/plan ]; then
  read -r mode at < /tmp/plan
  count=$(($(cat /tmp/count) + 1))
  echo $count > /tmp/count
  if [ $count = $at ]; then
    case $mode in
      before) kill -9 $PPID; exit 1 ;;
      after) /usr/bin/systemctl "$@"; kill -9 $PPID; exit 1 ;;
      fails) echo injected >&2; exit 1 ;;
    esac
  fi
fi
exec /usr/bin/systemctl "$@"
`;

const daemon = `[Service]
ProtectSystem=full
ExecStart=/usr/bin/python3 -c "import signal, time; signal.signal(15, lambda *a: exit(0)); time.sleep(100000)"
`;

/** How often each command calls systemctl to change something. */
const commands = {
  start: { words: ['start', 'daemon'], calls: 4 },
  finish: { words: ['finish', 'daemon'], calls: 4 },
  'finish --apply': { words: ['finish', '--apply', 'daemon'], calls: 7 },
  reset: { words: ['reset', 'daemon'], calls: 3 },
} as const;

/** With SERVICE=all every step; else one step of each command, in the middle. */
const cases = Object.entries(commands).flatMap(([name, { words, calls }]) =>
  Array.from({ length: calls }, (_, at) => at + 1)
    .filter((at) => isAll || at === Math.ceil(calls / 2))
    .flatMap((at) =>
      (['before', 'after', 'fails'] as const)
        .filter((mode) => isAll || mode !== 'before')
        .map((mode) => ({ name, words, at, mode })),
    ),
);

describe.skipIf(isLeft || mayLack(missing))(`service, interrupted (${why ?? 'inside a machine'})`, () => {
  let machine: Machine;
  let before: string;
  beforeAll(async () => {
    machine = await bootMachine();
    await machine.writeFile(`${units}/daemon.service`, daemon);
    await sh('systemctl daemon-reload; systemctl start daemon');
    await machine.writeFile('/usr/local/sbin/systemctl', systemctl, 0o755);
    before = await files();
  }, 60_000);
  afterAll(async () => {
    await machine?.stop();
  });

  async function sh(script: string): Promise<string> {
    const { exitCode, stdout, stderr } = await machine.run(['bash', '-ec', script]);
    expect(exitCode, `${script}: ${stdout} ${stderr}`).toBe(0);
    return stdout;
  }
  const ours = (words: readonly string[]) =>
    machine.run([process.execPath, cli, 'service', ...words], { timeout: 90_000 });
  /** Of this unit, and of ours; the host's own files, which a machine shows, may change meanwhile. */
  const files = () => {
    const found = `find ${units} \\( -path '${units}/daemon*' -o -path '*sandbox-profile-tend*' \\)`;
    return sh(
      `${found} -printf '%p %m %l\\n' | sort; ${found} -type f -exec sha256sum {} + | sort; ls -A /var/lib/sandbox-profile 2>/dev/null || :`,
    );
  };

  test.each(cases)(
    '$name, call $at of systemctl: $mode',
    async ({ name, words, at, mode }) => {
      if (name !== 'start') expect((await ours(['start', 'daemon'])).exitCode).toBe(0);
      await sh(`echo 0 > /tmp/count; echo ${mode} ${at} > /tmp/plan`);
      const interrupted = await ours(words);
      await sh(`rm /tmp/plan; test $(cat /tmp/count) -ge ${at}`);
      if (mode !== 'fails') expect(interrupted.exitCode).toBe(137);
      else if (interrupted.exitCode !== 0)
        expect(isSentence(interrupted.stderr), interrupted.stderr).toBe(true);
      // At each point the unit can be started, with what lies there now.
      await sh('systemctl daemon-reload; systemctl restart daemon; systemctl is-active daemon');
      const isTraced = name.startsWith('finish');
      if (isTraced && interrupted.exitCode !== 0) {
        // What was seen is not lost.
        const again = await ours(['finish', 'daemon']);
        expect(again.stdout, again.stderr).toContain('SystemCallFilter=');
      } else if (name === 'start' && mode !== 'fails') {
        expect((await ours(['status'])).stdout).toContain('No service is traced.');
      }
      await ours(['reset', 'daemon']);
      expect(await files()).toBe(before);
      await sh(
        'systemctl is-active daemon; ! pgrep -x strace; test -z "$(systemctl show -P DropInPaths daemon)"',
      );
    },
    120_000,
  );
});
