import type { UnitHost } from './unit-host.ts';

/** A command of ours that a message tells to run: the same manager is meant. */
export function ownCommand({ isUser }: Pick<UnitHost, 'isUser'>, name: string, ...words: string[]): string {
  return ['sandbox-profile service', name, ...(isUser ? ['--user'] : []), ...words].join(' ');
}
