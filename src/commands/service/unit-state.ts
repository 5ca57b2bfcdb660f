import { readUnitName, writeUnitName } from '../../systemd/unit-name.ts';
import { Failure } from '../failure.ts';
import { systemctl, type UnitHost } from './unit-host.ts';

/** What the service manager says of a unit. https://www.freedesktop.org/software/systemd/man/latest/systemctl.html */
export interface UnitState {
  type: string;
  active: string;
  result: string;
  user: string;
  isDynamicUser: boolean;
  pidFile: string;
  guessesMainPid: boolean;
  hears: string;
  directory: string;
  root: string;
  canReload: boolean;
  mainPid: number;
  invocation: string;
  restarts: number;
  stopTimeout: string;
  startTimeout: string;
  cgroup: string;
}

const names = [
  'LoadState',
  'LoadError',
  'Type',
  'ActiveState',
  'Result',
  'User',
  'DynamicUser',
  'PIDFile',
  'GuessMainPID',
  'NotifyAccess',
  'WorkingDirectory',
  'RootDirectory',
  'RootImage',
  'CanReload',
  'MainPID',
  'InvocationID',
  'NRestarts',
  'TimeoutStopUSec',
  'TimeoutStartUSec',
  'ControlGroup',
];

/** Throws a Failure where there is no such service. Of a template its instances are told: of one that nobody starts. */
export async function unitState(host: UnitHost, name: string): Promise<UnitState> {
  const unit = anInstanceOf(name);
  const { exitCode, stdout, stderr } = await systemctl(host, 'show', '-p', names.join(','), '--', unit);
  const said = new Map(
    stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const value = (name: string) => said.get(name) ?? '';
  if (exitCode !== 0 || !said.has('LoadState'))
    throw new Failure(
      `systemctl tells nothing about ${unit}: ${stderr.trim().split('\n')[0]?.replace(/\.$/, '') ?? ''}.`,
    );
  const load = value('LoadState');
  if (load !== 'loaded')
    throw new Failure(
      load === 'not-found'
        ? `There is no service ${unit} here: \`systemctl list-unit-files\` shows which there are.`
        : `${unit} can't be traced, because systemd says that it is ${load}${value('LoadError') === '' ? '' : ` (${value('LoadError')})`}.`,
    );
  return {
    type: value('Type'),
    active: value('ActiveState'),
    result: value('Result'),
    user: value('User'),
    isDynamicUser: value('DynamicUser') === 'yes',
    pidFile: value('PIDFile'),
    guessesMainPid: value('GuessMainPID') === 'yes',
    hears: value('NotifyAccess'),
    directory: value('WorkingDirectory'),
    root: value('RootDirectory') || value('RootImage'),
    canReload: value('CanReload') === 'yes',
    mainPid: Number(value('MainPID')) || 0,
    invocation: value('InvocationID'),
    restarts: Number(value('NRestarts')) || 0,
    stopTimeout: value('TimeoutStopUSec'),
    startTimeout: value('TimeoutStartUSec'),
    cgroup: value('ControlGroup'),
  };
}

/** A template as one unit, which systemd loads like any instance of it; any other unit as it is. */
export function anInstanceOf(unit: string): string {
  return instantiated(unit, 'sandbox-profile');
}

/** A template as a pattern, which stands for all its instances; any other unit as it is. */
export function allInstancesOf(unit: string): string {
  return instantiated(unit, '*');
}

function instantiated(unit: string, instance: string): string {
  const parts = readUnitName(unit);
  return parts?.instance === '' ? writeUnitName({ ...parts, instance }) : unit;
}

export function isRunning({ active }: UnitState): boolean {
  return active === 'active' || active === 'reloading' || active === 'activating';
}
