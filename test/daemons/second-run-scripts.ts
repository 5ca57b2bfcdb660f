import type { Level } from '../../src/directives/context.ts';
import type { Packaged, Rotation } from './packaged-daemon.ts';
import { repeated } from './prepared.ts';

/** A check: what is run in the machine, as root, by bash -eu. */
export interface Script {
  name: string;
  script: string;
  /** Afterwards the unit may be in any state: what is stopped may be started again by its socket. */
  isLast?: boolean;
}

export function startScript({ unit, request }: Packaged): Script {
  return { name: 'start', script: `systemctl start ${unit}; ${repeated(request)}` };
}

/** From the start to the end, with nothing that was not traced. */
export function tracedScript(daemon: Packaged, level: Level): Script {
  const { script } = startScript(daemon);
  return { name: `as traced, at ${level}`, script: `${script}; ${stop(daemon.unit)}`, isLast: true };
}

function stop(unit: string): string {
  return `systemctl stop ${unit}; test $(systemctl show -P Result ${unit}) = success`;
}

/** What is asked of a daemon that has been started, in this order. */
export function restScripts(daemon: Packaged, canReload: boolean): Script[] {
  const { unit, request, rotation, checks = {} } = daemon;
  const again = repeated(request);
  return [
    ...(canReload ? [{ name: 'reload', script: `systemctl reload ${unit}; sleep 0.3; ${again}` }] : []),
    ...(rotation === undefined ? [] : [{ name: 'rotation', script: rotate(rotation, again) }]),
    ...Object.entries(checks).map(([name, script]) => ({ name, script })),
    { name: 'restart', script: `systemctl restart ${unit}; ${again}` },
    { name: 'crash', script: crash(unit, again) },
    { name: 'start after a boot', script: boot(unit, again) },
    { name: 'stop', script: stop(unit), isLast: true },
  ];
}

function rotate({ rules, log, writes = ':' }: Rotation, again: string): string {
  return `
    before=$(stat -c %i ${log}); logrotate -f ${rules}; sleep 0.3; ${again}; ${writes}
    for i in $(seq 20); do test -s ${log} && break; sleep 0.2; done
    test -s ${log} || { ls -la $(dirname ${log}); exit 1; }; test "$before" != "$(stat -c %i ${log})"`;
}

/** A unit with Restart= has to come back by itself; another one is started once its processes are gone. */
function crash(unit: string, again: string): string {
  return `
    show() { systemctl show -P $1 ${unit}; }
    wait_until() { for i in $(seq 100); do "$@" && return 0; sleep 0.1; done; return 1; }
    systemctl reset-failed ${unit}
    restarts=$(show NRestarts); main=$(show MainPID); test $main -gt 1
    came_back() { test $(show NRestarts) -gt $restarts && test $(show ActiveState) = active; }
    is_over() { case $(show ActiveState) in failed | inactive) ;; *) return 1 ;; esac; }
    kill -KILL $main
    case $(show Restart) in
      always | on-failure | on-abnormal | on-abort) wait_until came_back ;;
      *)
        wait_until is_over || systemctl kill -s KILL ${unit}
        systemctl reset-failed ${unit} || :; systemctl start ${unit} ;;
    esac
    ${again}`;
}

/** A boot leaves in /run what tmpfiles.d makes and what others hold: the manager, the bus, the machine. */
function boot(unit: string, again: string): string {
  return `
    systemctl stop ${unit}
    for each in /run/*; do
      case $each in /run/systemd | /run/dbus | /run/log | /run/user | /run/sandbox-profile*) continue ;; esac
      find $each -xdev -depth -mindepth 1 -delete
      mountpoint -q $each || rm -rf $each
    done
    systemd-tmpfiles --create --boot --exclude-prefix=/dev --exclude-prefix=/sys --exclude-prefix=/proc 2>/dev/null || :
    rm -f /run/nologin
    systemctl start ${unit}; ${again}`;
}
