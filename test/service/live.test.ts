import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachine, type Machine, machineNeeds } from '../../src/systemd/machine.ts';
import { cli, isSentence } from '../cli/start-cli.ts';
import { isAll as isEveryDaemon, mayLack } from '../daemons/required.ts';

const missing = (await machineNeeds()) ?? (existsSync(cli) ? undefined : 'it was not built');
/** Each kind inside its sandbox too, where it has none of its own as well. */
const isAll = process.env.SERVICE === 'all';
/** Each kind of unit takes some seconds, so most are left to `npm run daemons`. */
const isEveryKind = isAll || isEveryDaemon;
const quickKinds = ['notifies', 'is-given-a-socket'];
const units = '/etc/systemd/system';

/** Writes down all that a command is given by systemd: its words, environment, ids, directory, capabilities, mask. */
const showArguments = `#!/usr/bin/python3
import os
ours = ('INVOCATION_ID', 'JOURNAL_STREAM', 'SYSTEMD_EXEC_PID', '_', 'SHLVL')
status = [line for line in open('/proc/self/status') if line.startswith(('Cap', 'NoNew', 'SigBlk', 'SigIgn'))]
with open('/var/lib/shown/' + os.environ['UNITNAME'], 'a') as out:
    print(open('/proc/self/cmdline').read().split('\\0'), file=out)
    print(sorted((k, v) for k, v in os.environ.items() if k not in ours), file=out)
    print(os.getuid(), os.getgid(), sorted(os.getgroups()), os.getcwd(), status, oct(os.umask(0)), file=out)
`;

const argumentsUnit = `[Service]
Type=oneshot
Environment=UNITNAME=args FOO=one "BAR=two three" LONG="x  y"
WorkingDirectory=/var
UMask=0027
SupplementaryGroups=adm
User=www-data
AmbientCapabilities=CAP_NET_BIND_SERVICE
ExecStartPre=-/bin/false
ExecStartPre=/usr/local/bin/show $FOO \${BAR} $BAR "$BAR" 'a;b' \\; "x\\x20y\\t" %i %% $$HOME $$ ; /usr/local/bin/show second
ExecStart=:/usr/local/bin/show $FOO \${BAR} a$$b %n
ExecStart="/usr/local/bin/show" "quoted \\"in\\" it" 'back\\\\slash' ""
ExecStart=@/usr/local/bin/show my-own-name one
ExecStart=!/usr/local/bin/show bang
ExecStart=+/usr/local/bin/show plus
ExecStart=show looked-up
ExecStartPost=/bin/sh -c 'exec /usr/local/bin/show "$\${FOO}" "$$0"'
ExecStopPost=/usr/local/bin/show $SERVICE_RESULT
`;

const python = (text: string) => `/usr/bin/python3 -c "import os, signal, socket, time; ${text}"`;
const forever = 'time.sleep(100000)';

/** One of each kind that a tracer may get in the way of; the path that must be in the profile. */
const kinds: Readonly<Record<string, { unit: string; saw: string; use?: string; socket?: string }>> = {
  'forks-unguessed': {
    unit: `Type=forking\nExecStart=/bin/sh -c 'touch /run/forked; sleep 100000 & exit 0'\nExecReload=/bin/kill -CONT $MAINPID`,
    use: 'test $(systemctl show -P MainPID forks-unguessed) != 0; systemctl reload forks-unguessed',
    saw: '/run/forked',
  },
  'writes-pidfile': {
    unit: `Type=forking\nPIDFile=/run/writes.pid\nExecStart=/bin/sh -c 'sleep 100000 & echo $! > /run/writes.pid'`,
    use: 'test "$(cat /proc/$(systemctl show -P MainPID writes-pidfile)/comm)" = sleep',
    saw: '/run/writes.pid',
  },
  notifies: {
    unit: `Type=notify\nUser=www-data\nNotifyAccess=main\nExecStart=${python(`open('/etc/hosts'); s = socket.socket(1, 2); s.sendto(b'READY=1', os.environ['NOTIFY_SOCKET']); ${forever}`)}`,
    saw: '/etc/hosts',
  },
  'dynamic-user': {
    unit: `DynamicUser=yes\nStateDirectory=dynamic-user\nExecStart=/bin/sh -c 'echo x > /var/lib/dynamic-user/f; exec sleep 100000'`,
    saw: '/var/lib/dynamic-user/f',
  },
  'has-a-sandbox': {
    unit: `User=www-data\nProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nNoExecPaths=/\nExecPaths=/usr /lib64\nSystemCallFilter=@system-service\nSystemCallFilter=~@resources\nRestrictAddressFamilies=AF_UNIX\nMemoryDenyWriteExecute=yes\nExecStart=${python(`open('/etc/hosts'); ${forever}`)}`,
    saw: '/etc/hosts',
  },
  'is-given-a-socket': {
    socket: 'ListenStream=127.0.0.1:777',
    unit: `User=www-data\nExecStart=${python(`assert os.environ['LISTEN_PID'] == str(os.getpid()); open('/etc/hosts'); socket.socket(fileno=3).accept()[0].send(b'hi'); ${forever}`)}`,
    use: `python3 -c "import socket; assert socket.create_connection(('127.0.0.1', 777)).recv(9) == b'hi'"`,
    saw: '/etc/hosts',
  },
  'template@one': {
    unit: `RuntimeDirectory=of-%i\nExecStart=/bin/sh -c 'touch /run/of-%i/f; exec sleep 100000'`,
    saw: '/run/of-one/f',
  },
  'restarts-itself': {
    unit: `Restart=always\nRestartSec=100ms\nExecStart=/bin/sh -c 'touch /run/restarted; sleep 4'`,
    saw: '/run/restarted',
  },
};

describe.skipIf(mayLack(missing))(`service, live (${missing ?? 'inside a throw-away machine'})`, () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootMachine();
    await must('mkdir -m 1777 /var/lib/shown');
    await machine.writeFile('/usr/local/bin/show', showArguments, 0o755);
  }, 60_000);
  afterAll(async () => {
    await machine?.stop();
  });

  const sh = (script: string) => machine.run(['bash', '-ec', script], { timeout: 60_000 });
  async function must(script: string): Promise<string> {
    const { exitCode, stdout, stderr } = await sh(script);
    expect(exitCode, `${script}: ${stdout} ${stderr}`).toBe(0);
    return stdout;
  }
  const ours = (...words: string[]) =>
    machine.run([process.execPath, cli, 'service', ...words], { timeout: 90_000 });
  async function mustOurs(...words: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await ours(...words);
    expect(exitCode, `${words.join(' ')}: ${stderr}`).toBe(0);
    return `${stdout}${stderr}`;
  }
  /** Of this unit, and of ours; the host's own files, which a machine shows, may change meanwhile. */
  const files = (name: string) => {
    const found = `find ${units} \\( -path '${units}/${name}*' -o -path '*sandbox-profile-tend*' \\)`;
    return must(
      `${found} -printf '%p %m %l\\n' | sort; ${found} -type f -exec sha256sum {} + | sort; ls -A /var/lib/sandbox-profile 2>/dev/null || :`,
    );
  };

  test('a traced command is given by systemd exactly what it is given untraced', async () => {
    await machine.writeFile(`${units}/args@.service`, argumentsUnit);
    const shown = async () => {
      await must(
        'rm -f /var/lib/shown/args; systemctl daemon-reload; systemctl start args@foo; systemctl stop args@foo',
      );
      return must('cat /var/lib/shown/args');
    };
    const untraced = await shown();
    await mustOurs('start', 'args@foo');
    expect(await shown()).toBe(untraced);
    expect(untraced.split('\n')).toHaveLength(30);
    await mustOurs('finish', 'args@foo', '--profile', '/tmp/args.json');
    const profile = JSON.parse(await must('cat /tmp/args.json'));
    expect(Object.keys(profile.paths).filter((path) => 'execute' in profile.paths[path])).toEqual([
      '/bin/false',
      '/bin/sh',
      '/usr/local/bin/show',
    ]);
  }, 120_000);

  for (const [name, { unit, use, saw, socket }] of Object.entries(kinds)) {
    const isLeft = !isEveryKind && !quickKinds.includes(name);
    const title = `a unit that ${name.replaceAll('-', ' ')} is traced, and as before when that is finished`;
    test.skipIf(isLeft)(
      `${title}${isLeft ? ' (npm run daemons)' : ''}`,
      async () => {
        const file = name.includes('@') ? name.replace(/@.*/, '@') : name;
        await machine.writeFile(`${units}/${file}.service`, `[Service]\n${unit}\n`);
        if (socket !== undefined) await machine.writeFile(`${units}/${file}.socket`, `[Socket]\n${socket}\n`);
        await must(
          `systemctl daemon-reload; systemctl start ${name}.${socket === undefined ? 'service' : 'socket'}`,
        );
        const before = await files(file);
        const hasSandbox = isAll || unit.includes('Protect') || unit.includes('DynamicUser');
        for (const mode of hasSandbox ? [[], ['--keep-sandbox']] : [[]]) {
          await must('rm -f /tmp/profile.json');
          await mustOurs('start', ...mode, name);
          if (use !== undefined) await must(use);
          await must(`systemctl is-active ${name} sandbox-profile-tend-${name}`);
          expect(await mustOurs('status', name)).toMatch(/: traced, watched since .*\n {2}\d+ lines, [1-9]/);
          await mustOurs('finish', name, '--profile', '/tmp/profile.json');
          const profile = JSON.parse(await must('cat /tmp/profile.json'));
          expect(Object.keys(profile.paths)).toContain(saw);
          expect(await files(file)).toBe(before);
          await must(`systemctl is-active ${name}; ! pgrep -x strace`);
        }
        await must(`systemctl stop ${name}.*`);
      },
      180_000,
    );
  }

  test.runIf(isEveryKind)(
    'a template of which each connection has an instance is traced, and as before when that is finished',
    async () => {
      const socket = '[Socket]\nListenStream=127.0.0.1:778\nAccept=yes\n';
      await machine.writeFile(`${units}/each.socket`, socket);
      const text =
        '[Service]\nStandardInput=socket\nStandardOutput=socket\nExecStart=/bin/sh -c "touch /run/each; printf hi"\n';
      await machine.writeFile(`${units}/each@.service`, text);
      await must('systemctl daemon-reload; systemctl start each.socket');
      const connect = `python3 -c "import socket; s = socket.create_connection(('127.0.0.1', 778)); assert s.recv(9) == b'hi'; s.recv(9)"`;
      const before = await files('each');
      await mustOurs('start', 'each@');
      for (let at = 0; at < 3; at++) await must(connect);
      await must('systemctl is-active sandbox-profile-tend-each@sandbox-profile');
      expect(await mustOurs('status', 'each@7')).toMatch(
        /^each@\.service: .*watched since .*\n {2}\d+ lines, [1-9]/m,
      );
      const said = await mustOurs('finish', '--apply', '--profile', '/tmp/each.json', 'each@');
      expect(said).toContain('each@.service runs under');
      expect(Object.keys(JSON.parse(await must('cat /tmp/each.json')).paths)).toContain('/run/each');
      await must(`${connect}; systemctl show -P SystemCallFilter each@x | grep -q clone`);
      await mustOurs('reset', 'each@');
      expect(await files('each')).toBe(before);
      await must('! pgrep -x strace; systemctl stop each.socket');
    },
    120_000,
  );

  const daemon = `[Service]\nProtectSystem=full\nExecStart=${python(`signal.signal(15, lambda *a: exit(0)); ${forever}`)}\n`;

  test('finish --apply installs what the unit works under; reset brings back what was there, byte by byte', async () => {
    await machine.writeFile(`${units}/daemon.service`, daemon);
    await machine.writeFile(`${units}/daemon.service.d/50-sandbox-profile.conf`, '[Service]\nNice=3\n');
    await must('systemctl daemon-reload; systemctl start daemon');
    const before = await files('daemon');
    await mustOurs('start', 'daemon');
    await mustOurs('finish', '--apply', 'daemon');
    expect(await must(`cat ${units}/daemon.service.d/50-sandbox-profile.conf`)).toContain(
      'SystemCallFilter=',
    );
    expect(await must('systemctl show -P SystemCallFilter daemon; systemctl is-active daemon')).toContain(
      'active',
    );
    expect(await mustOurs('status')).toContain('daemon.service: runs under a drop-in');
    await mustOurs('reset', 'daemon');
    expect(await files('daemon')).toBe(before);
    await must(
      `systemctl is-active daemon; test $(systemctl show -P PrivateDevices daemon) = no; rm -r ${units}/daemon.service.d`,
    );
  }, 120_000);

  test('where a unit fails under the new drop-in, it runs as before, and nothing that was seen is lost', async () => {
    // It wants to be restarted once more than it was: under the drop-in it does what was never seen.
    const fickle = `[Service]\nExecStart=/bin/sh -c 'test ! -e /etc/later || exec mkdir /etc/new; exec sleep 100000'\n`;
    await machine.writeFile(`${units}/fickle.service`, fickle);
    await must('rm -f /etc/later; systemctl daemon-reload; systemctl start fickle');
    const before = await files('fickle');
    await mustOurs('start', 'fickle');
    await must('touch /etc/later');
    const failed = await ours('finish', '--apply', '--no-restart', 'fickle');
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toMatch(/Under the new drop-in fickle\.service did not start/);
    expect(isSentence(failed.stderr), failed.stderr).toBe(true);
    await must(`rm /etc/later; ! test -e ${units}/fickle.service.d`);
    expect(await mustOurs('finish', 'fickle')).toContain('SystemCallFilter=');
    await must('systemctl restart fickle; systemctl stop fickle; rmdir /etc/new');
    expect(await files('fickle')).toBe(before);
  }, 120_000);

  test('Ctrl-C ends a start, and leaves the unit as it was', async () => {
    // A restart that takes its time.
    const slow = '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 2\n';
    await machine.writeFile(`${units}/slow.service`, slow);
    await must('systemctl daemon-reload; systemctl start slow');
    const before = await files('slow');
    // To the whole group, as a terminal does it, and a second time while it is undone.
    const said = await must(`set -m; ${process.execPath} ${cli} service start slow >/tmp/said 2>&1 & pid=$!
      until systemctl show -P ActiveState slow | grep -qx activating; do sleep 0.02; done
      kill -INT -- -$pid; sleep 0.2; kill -INT -- -$pid; wait $pid && exit 9 || echo $?; cat /tmp/said`);
    expect(said).toBe('1\nsandbox-profile: It was interrupted. Everything is as it was before.');
    expect(await files('slow')).toBe(before);
    await must('systemctl is-active slow; ! pgrep -x strace; systemctl stop slow');
  }, 60_000);

  test('where nothing was seen yet, the watching goes on', async () => {
    await machine.writeFile(`${units}/later.service`, '[Service]\nExecStart=/bin/sleep 100000\n');
    await must('systemctl daemon-reload');
    await mustOurs('start', 'later');
    const { exitCode, stderr } = await ours('finish', 'later');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/Nothing was seen of later\.service yet/);
    await must('systemctl start later');
    expect(await mustOurs('finish', 'later')).toContain('SystemCallFilter=');
    await must('systemctl stop later');
  }, 60_000);

  test('traces that grow too large end, with a word, and the daemon lives on', async () => {
    const busy = `[Service]\nExecStart=${python('exec(chr(10).join([chr(119)+chr(104)+chr(105)+chr(108)+chr(101)+chr(32)+chr(49)+chr(58), chr(32)+chr(111)+chr(115)+chr(46)+chr(115)+chr(116)+chr(97)+chr(116)+chr(40)+chr(39)+chr(47)+chr(39)+chr(41)]))')}\n`;
    await machine.writeFile(`${units}/busy.service`, busy);
    await must('systemctl daemon-reload; systemctl start busy');
    await mustOurs('start', '--max-size', '1M', 'busy');
    await must(
      'for i in $(seq 100); do pgrep -x strace >/dev/null || break; sleep 0.2; done; ! pgrep -x strace; systemctl is-active busy',
    );
    expect(await mustOurs('status', 'busy')).toContain('its traces had grown over 1 MiB');
    expect(await mustOurs('finish', 'busy')).toContain('The tracing was ended early');
    await must('systemctl is-active busy; systemctl stop busy');
  }, 120_000);

  test("a unit of a user's own manager is traced by that user, and as before after a reset", async () => {
    const home = '/home/own-units';
    await must(`useradd -m own-units; systemctl start user@$(id -u own-units)`);
    const runtime = `/run/user/${(await must('id -u own-units')).trim()}`;
    const asUser = (...argv: string[]) =>
      machine.run(
        ['runuser', '-u', 'own-units', '--', 'env', `XDG_RUNTIME_DIR=${runtime}`, `HOME=${home}`, ...argv],
        { timeout: 90_000 },
      );
    const asUserOurs = async (...words: string[]) => {
      const { exitCode, stdout, stderr } = await asUser(process.execPath, cli, 'service', ...words);
      expect(exitCode, stderr).toBe(0);
      return `${stdout}${stderr}`;
    };
    const unit = `[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c 'touch %t/mine; systemd-notify --ready; exec sleep 100000'\n`;
    await machine.writeFile(`${home}/.config/systemd/user/mine.service`, unit);
    await must(`chown -R own-units: ${home}`);
    await asUser('systemctl', '--user', 'daemon-reload');
    await asUser('systemctl', '--user', 'start', 'mine');
    const list = `find ${home}/.config ${home}/.local 2>/dev/null | grep -v '/.local$\\|/state$' | sort`;
    const before = await must(list);
    expect((await asUser(process.execPath, cli, 'service', 'start', 'mine')).stderr).toContain('give --user');
    await asUserOurs('start', '--user', 'mine');
    expect(await asUserOurs('status', '--user')).toMatch(/mine\.service: traced/);
    await asUserOurs('finish', '--user', '--apply', 'mine');
    expect((await asUser('systemctl', '--user', 'show', '-P', 'DropInPaths', 'mine')).stdout).toContain(
      '50-sandbox-profile.conf',
    );
    await asUserOurs('reset', '--user', 'mine');
    expect(await must(list)).toBe(before);
    expect((await asUser('systemctl', '--user', 'is-active', 'mine')).stdout).toBe('active');
  }, 120_000);

  test.each([
    ['INT', 'service profile --exercise "sleep 100" daemon'],
    ['TERM', 'verify daemon /tmp/none.conf --exercise true'],
  ])(
    'SIG%s ends `%s` as it ends any program, without a word and without a machine',
    async (signal, words) => {
      await machine.writeFile(`${units}/daemon.service`, daemon);
      await machine.writeFile('/tmp/none.conf', '[Service]\n');
      // With job control, or the shell would have it ignore SIGINT.
      await must(`set -m; rm -rf /tmp/said /tmp/own; mkdir /tmp/own; TMPDIR=/tmp/own ${process.execPath} ${cli} ${words} >/tmp/said 2>&1 & pid=$!
      for i in $(seq 200); do test -n "$(ls -A /run/sandbox-profile 2>/dev/null)" && grep -q machine /tmp/said && break; sleep 0.05; done
      test -n "$(ls -A /run/sandbox-profile)"
      kill -${signal} $pid; status=0; wait $pid || status=$?
      test $status = $((128 + $(kill -l ${signal})))
      left="$(ls -A /run/sandbox-profile; find /sys/fs/cgroup -name "sandbox-profile-[0-9]*"; ls -A /tmp/own)"; echo "$left"; test -z "$left"
      grep -xE 'daemon.service (is started|runs without the drop-in,) in a throw-away machine\\.' /tmp/said
      test $(wc -l < /tmp/said) = 1`);
    },
  );

  test.each([
    ['start', 'foo', /no unit file for foo\.service/],
    ['start', 'args@', /is a template: name one instance/],
    ['start', 'dbus.socket', /runs no daemon itself/],
    ['finish', 'daemon', /is not traced: begin with/],
    ['reset', 'daemon', /is not traced/],
    ['status', 'daemon', /is not traced/],
    ['start', '../x', /is no name of a unit/],
  ])('%s %s is refused in one sentence', async (command, unit, why) => {
    const { exitCode, stderr } = await ours(command, unit);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(why);
    expect(isSentence(stderr), stderr).toBe(true);
  });
});
