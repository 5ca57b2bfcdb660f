import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInputs } from '../../src/commands/read-inputs.ts';
import { contextOf } from '../../src/commands/target-context.ts';
import { withFilesOf } from '../../src/commands/unit-files.ts';
import type { Context } from '../../src/directives/context.ts';
import { inferSettings } from '../../src/directives/settings.ts';
import { minimalUnit } from '../../src/systemd/exec-start.ts';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { readBack, textOf } from '../samples/read-back.ts';

/**
 * A daemon is traced in a machine, and started again under the drop-in that comes of it, over its unit: what it did, and what the
 * unit names, works. A log says the names that the daemon used; what these are on the machine may not be known.
 */
interface Scenario {
  /** What the daemon does, in sh. */
  does: string;
  /** What it does under the drop-in, where that is something else. */
  later?: string;
  /** What its unit says; links may be among that. */
  unit?: string[];
  /** Made ready before each run, as root and outside of any sandbox. */
  prepare?: string;
  /** Whether the machine's files were looked at. */
  isSeen?: boolean;
  /** Where it must not be able to write. */
  keepsOut?: string[];
  /** Not with an empty slate: it says why itself. */
  neverConfined?: true;
}

const idle = 'echo idle';

const scenarios: Record<string, Scenario> = {
  'a log that says /var/run, /var/lock, /bin and /lib': {
    does: 'echo 1 >/var/run/s.pid; /bin/mkdir -p /var/lock/s/d; echo 2 >/var/lock/s/d/f; read line </lib/os-release; /bin/cat /var/run/s/f /run/s/g',
    prepare: 'rm -rf /run/s.pid /run/lock/s; mkdir -p /run/s; echo 1 >/run/s/f; echo 2 >/run/s/g',
  },
  'a log that only reads by /var/run': {
    does: 'read line </var/run/s/f; test -d /var/run',
    prepare: 'mkdir -p /run/s; echo 1 >/run/s/f',
  },
  'a program that the daemon makes and runs, in /tmp, in /run and in its state': {
    does: 'for at in /tmp /run /var/lib/s; do cp /usr/bin/true $at/new; mv $at/new $at/own; $at/own || exit 1; done',
    prepare: 'mkdir -p /var/lib/s; rm -f /tmp/own /run/own /var/lib/s/own',
    isSeen: true,
  },
  'a program in /run that others make, and that is gone after a boot': {
    does: '/run/others',
    later: idle,
    prepare: 'test -e /opt/traced && rm -f /run/others || cp /usr/bin/true /run/others',
    isSeen: true,
  },
  'a unit that names places in /srv and /opt': {
    does: idle,
    later: 'test $PWD = /srv/app && test -e /srv/b/of-a && test -e /opt/look && echo 1 >/opt/data/f',
    unit: [
      'WorkingDirectory=/srv/app',
      'BindPaths=/srv/a:/srv/b',
      'ReadWritePaths=/opt/data',
      'ReadOnlyPaths=/opt/look',
    ],
    prepare: 'mkdir -p /srv/app /srv/a /srv/b /opt/data /opt/look; echo 1 >/srv/a/of-a',
  },
  'a unit that begins in a home, and writes in another': {
    does: idle,
    later: 'test $PWD = /home/app && echo 1 >/home/data/f',
    unit: ['WorkingDirectory=/home/app', 'ReadWritePaths=/home/data'],
    prepare: 'rm -rf /home/data; mkdir -p /home/app /home/data',
  },
  'a unit of another user that begins in a home, writes in another, and hides a third': {
    does: idle,
    later: 'test $PWD = /home/app && echo 1 >/home/data/f',
    unit: [
      'User=daemon',
      'WorkingDirectory=/home/app',
      'ReadWritePaths=/home/data',
      'InaccessiblePaths=/home/secret',
    ],
    prepare: 'rm -rf /home/data; mkdir -p /home/app /home/data /home/secret; chmod 777 /home/app /home/data',
    neverConfined: true,
  },
  'a unit with places on shelves that are emptied': {
    does: 'read line </var/lib/s/f; read line </var/cache/s/f',
    later:
      'test $PWD = /var/lib/app/d && echo 1 >/var/lib/data/d/f && echo 1 >/var/lib/s/n && read line </var/cache/s/f',
    unit: [
      'WorkingDirectory=/var/lib/app/d',
      'ReadWritePaths=/var/lib/data/d',
      'StateDirectory=s',
      'BindReadOnlyPaths=/srv/a:/var/cache/s',
      'InaccessiblePaths=/var/lib/app/secret',
      'NoExecPaths=/var/spool/s',
    ],
    prepare:
      'mkdir -p /var/lib/app/d /var/lib/app/secret /var/lib/data/d /var/lib/s /var/cache/s /srv/a /var/spool/s; for at in /var/lib/s /var/cache/s /srv/a; do echo 1 >$at/f; done',
    neverConfined: true,
  },
  'a unit that hides an entry of a shelf': {
    does: idle,
    unit: ['InaccessiblePaths=/var/lib/secret', 'InaccessiblePaths=/var/run/secret'],
    prepare: 'mkdir -p /var/lib/secret /run/secret',
    neverConfined: true,
  },
  'a unit that writes to a whole shelf': {
    does: idle,
    later: 'echo 1 >/var/log/s && echo 1 >/run/s.new',
    unit: ['ReadWritePaths=/var/log /var/run'],
    prepare: 'rm -f /run/s.new',
  },
  'a unit that names places in /tmp': {
    does: idle,
    later: 'test $PWD = /tmp/work && echo 1 >/tmp/data/f',
    unit: ['WorkingDirectory=/tmp/work', 'ReadWritePaths=/tmp/data'],
    prepare: 'mkdir -p /tmp/work /tmp/data',
  },
  'a directory that it makes right in /var, beside state of its own': {
    does: 'mkdir /var/agents; echo 1 >/var/agents/f; echo 1 >/var/lib/s/f; echo 1 >/var/cache/s/f',
    prepare:
      'rm -rf /var/agents; mkdir -p /var/lib/s /var/lib/other /var/cache/s /var/cache/other /var/spool/cron /var/www',
    keepsOut: [
      '/var/lib/f',
      '/var/lib/other/f',
      '/var/cache/other/f',
      '/var/log/other.log',
      '/var/spool/cron/f',
      '/var/www/f',
    ],
    isSeen: true,
  },
  'the same in a log that was read elsewhere': {
    does: 'mkdir /var/agents; echo 1 >/var/agents/f; echo 1 >/var/lib/s/f',
    prepare: 'rm -rf /var/agents; mkdir -p /var/lib/s /var/lib/other /var/spool/cron',
    keepsOut: ['/var/lib/f', '/var/lib/other/f', '/var/log/other.log', '/var/spool/cron/f'],
  },
  'a name that it makes right in /var, while it looks through /var/lib and writes to a log': {
    does: 'echo 1 >/var/s; for at in /var/lib/*; do test -d $at; done; echo 1 >>/var/log/s.log',
    prepare: 'rm -f /var/s; mkdir -p /var/lib/other; touch /var/log/s.log',
    keepsOut: ['/var/lib/other/f', '/var/cache/f'],
    isSeen: true,
  },
  'a file of /etc that it replaces, and one that it moves from its state to /var': {
    does: 'echo 1 >/etc/s.new; mv /etc/s.new /etc/s.conf; echo 1 >/var/lib/s/f; mv /var/lib/s/f /var/s.f',
    prepare: 'rm -f /etc/s.conf /var/s.f; mkdir -p /var/lib/s /etc/cron.d /etc/pam.d',
    keepsOut: [
      '/etc/cron.d/f',
      '/etc/pam.d/f',
      '/etc/systemd/system/f.service',
      '/etc/sudoers.d/f',
      '/var/log/f',
    ],
    isSeen: true,
  },
  'a unit that writes to all of /var': {
    does: 'echo 1 >/var/s',
    later: 'echo 1 >/var/s && echo 1 >/var/lib/other/f && echo 1 >/var/log/s.log',
    unit: ['ReadWritePaths=/var'],
    prepare: 'rm -f /var/s; mkdir -p /var/lib/other',
  },
  'a unit that names links': {
    does: 'echo 1 >/srv/real/f',
    unit: ['WorkingDirectory=/srv/link', 'ReadWritePaths=/srv/link /var/run/s'],
    prepare: 'mkdir -p /srv/real /run/s; ln -sfn /srv/real /srv/link',
    isSeen: true,
  },
};

/** Tries to, in sh. */
const tryToWrite = (paths: readonly string[]) =>
  paths.map((path) => `; if echo 1 >${path}; then echo "wrote ${path}"; exit 1; fi`).join('');

const missing = await machineNeeds();

describe.skipIf(missing !== undefined)(
  `under its own drop-in, over its unit (${missing ?? 'in a throw-away machine'})`,
  () => {
    let machine: Machine;
    beforeAll(async () => {
      machine = await bootMachine();
    });
    afterAll(async () => {
      await machine?.stop();
    });

    const shell = async (text: string) => {
      const { exitCode, stderr } = await machine.run(['sh', '-c', text]);
      if (exitCode !== 0) throw new Error(`${text}: ${stderr}`);
    };

    for (const [
      name,
      { does, later = does, unit = [], prepare = ':', isSeen = false, keepsOut = [], neverConfined },
    ] of Object.entries(scenarios)) {
      test(name, async () => {
        await shell(`rm -f /opt/traced /opt/log; ${prepare}`);
        await shell(`cd / && strace -f -o /opt/log sh -c '${does}'`);
        const root = isSeen ? machine.root : 'none';
        const user = unit.includes('User=daemon') ? 1 : 0;
        const given = { cwd: undefined, root, architecture: 'x86-64', uid: user };
        const read = await readInputs([`${machine.root}/opt/log`], given);
        const below = readBack(['[Service]', ...unit, ''].join('\n'), 252).values;
        const profile = withFilesOf(below, read.profile, isSeen ? machine.root : undefined);
        await shell(`touch /opt/traced`);
        const failed: string[] = [];
        for (const [at, how] of hows.entries()) {
          // At `minimal` nothing else than what was seen is meant to work.
          if ((how.confine && neverConfined === true) || (how.level === 'minimal' && later !== does))
            continue;
          const context = { ...(await contextOf(profile, { ...how, systemd: 252 })), bpf: undefined };
          const { settings, warnings } = inferSettings(profile, context, below);
          const written = textOf(settings, 252);
          const id = `s${Object.keys(scenarios).indexOf(name)}-${at}`;
          const text = minimalUnit(
            ['/bin/sh', '-c', later + tryToWrite(keepsOut)],
            ['Type=oneshot', ...unit],
          );
          await machine.writeFile(`/run/systemd/system/${id}.service`, text);
          await machine.writeFile(`/run/systemd/system/${id}.service.d/50.conf`, written);
          await machine.run(['systemctl', 'daemon-reload']);
          await shell(prepare);
          const { exitCode } = await machine.run(['systemctl', 'start', `${id}.service`]);
          if (exitCode === 0) continue;
          const said = await machine.run(['journalctl', '--no-pager', '-o', 'cat', '-u', `${id}.service`]);
          failed.push(`${JSON.stringify(how)}\n${said.stdout}\n${warnings.join('\n')}\n${written}`);
        }
        expect(failed).toEqual([]);
      });
    }
  },
);

type How = Pick<Context, 'level' | 'confine' | 'network' | 'onDeny'>;
const hows: readonly How[] = (['minimal', 'balanced'] as const).flatMap((level) =>
  [false, true].map((confine) => ({ level, confine, network: false, onDeny: 'errno' as const })),
);
