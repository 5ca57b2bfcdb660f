import type { Behaviour } from '../directives/behaviour.ts';
import type { Against } from '../directives/directive.ts';
import type { Place } from '../trace/event.ts';
import { brief } from './escaping.ts';

/** What a behaviour was about, as text from the trace: a path, a family, an address; empty for a call alone. */
export function subjectOf(behaviour: Behaviour): string {
  switch (behaviour.kind) {
    case 'call':
      return '';
    case 'family':
      return behaviour.family;
    case 'abi':
      return behaviour.abi;
    case 'capability':
      return behaviour.name;
    case 'privileged':
      return behaviour.what;
    case 'path':
    case 'caller':
      return behaviour.path;
    case 'move':
      return `${behaviour.from} to ${behaviour.to}`;
    case 'endpoint':
      return behaviour.port === 0 ? behaviour.address : `${behaviour.address} port ${behaviour.port}`;
  }
}

/** `openat "/etc/passwd", httpd.strace:12, 3 times`: safe for a terminal. */
export function behaviourText(behaviour: Behaviour): string {
  const { evidence } = behaviour;
  const subject = subjectOf(behaviour);
  const isName = ['path', 'move', 'caller'].includes(behaviour.kind);
  if (behaviour.kind === 'capability')
    return `${brief(evidence.call, 60)} (needs ${brief(subject)}), ${placeText(evidence.first)}${timesOf(evidence.count)}`;
  const shown = isName ? ` "${brief(subject)}"` : subject === '' ? '' : ` ${brief(subject)}`;
  const call = behaviour.kind === 'call' ? behaviour.name : evidence.call;
  const act = behaviour.kind === 'path' && behaviour.act !== call ? ` (${behaviour.act})` : '';
  return `${brief(call, 60)}${shown}${act}, ${placeText(evidence.first)}${timesOf(evidence.count)}`;
}

/** What speaks against a directive, safe for a terminal: `sethostname, httpd.strace:12 would get EPERM`. */
export function againstText(against: Against): string {
  if (typeof against === 'string') return brief(against, 200);
  const seen = behaviourText(against.behaviour);
  const { errno } = against;
  // Words, where no call fails.
  return /^[A-Z0-9]+$/.test(errno) ? `${seen} would get ${errno}` : `${seen}: ${brief(errno)}`;
}

function timesOf(count: number): string {
  return count > 1 ? `, ${count} times` : '';
}

/** `httpd.strace:12`; the source alone where there is no line. */
export function placeText({ source, line }: Place): string {
  return line === 0 ? brief(source) : `${brief(source)}:${line}`;
}
