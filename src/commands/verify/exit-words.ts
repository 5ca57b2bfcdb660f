/**
 * What systemd means by the exit statuses of a child that never became the unit's program.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Process%20Exit%20Codes
 */
const meanings: Readonly<Record<string, string>> = {
  '200': 'CHDIR: the working directory cannot be entered',
  '203':
    'EXEC: the program cannot be run in the sandbox: it is hidden, not executable there, or its loader is',
  '208': 'STDIN: standard input cannot be opened',
  '209': 'STDOUT: standard output cannot be opened',
  '216': 'GROUP: the group cannot be taken on',
  '217': 'USER: the user cannot be taken on',
  '218': 'CAPABILITIES: capabilities cannot be given up or kept as asked',
  '225': 'NETWORK: the network cannot be set up as asked',
  '226': 'NAMESPACE: the mounts of the sandbox cannot be made, mostly because a path is not there',
  '227': 'NO_NEW_PRIVILEGES: it could not be set',
  '228': 'SECCOMP: a filter of system calls cannot be installed',
  '232': 'ADDRESS_FAMILIES: the filter of address families cannot be installed',
  '233': 'RUNTIME_DIRECTORY: it cannot be made',
  '238': 'STATE_DIRECTORY: it cannot be made',
  '239': 'CACHE_DIRECTORY: it cannot be made',
  '240': 'LOGS_DIRECTORY: it cannot be made',
  '241': 'CONFIGURATION_DIRECTORY: it cannot be made',
  '243': 'CREDENTIALS: they cannot be set up',
  '244': 'BPF: a program of the kernel cannot be loaded',
};

/** Explains how a process of a unit ended, by the line that systemd logs of it; undefined where no line tells. */
export function exitInWords(journal: readonly string[]): string | undefined {
  for (const line of journal.toReversed()) {
    const [, code, status] = /code=(exited|killed|dumped), status=(\d+)/.exec(line) ?? [];
    if (code === undefined || status === undefined) continue;
    if (code !== 'exited')
      return status === '31'
        ? 'a filter of system calls killed it (SIGSYS)'
        : `it was ended by ${/status=\d+\/(\w+)/.exec(line)?.[1] ?? `signal ${status}`}`;
    const meaning = meanings[status];
    return meaning === undefined ? `it ended with status ${status}` : `status ${status}/${meaning}`;
  }
  return undefined;
}

/** The status with which a process of a unit ended last (`203`); undefined where none did, or a signal ended it. */
export function exitStatusIn(journal: readonly string[]): string | undefined {
  return journal
    .map((line) => /code=exited, status=(\d+)/.exec(line)?.[1])
    .findLast((status) => status !== undefined);
}

/** Lines of the journal that tell no more than that something was begun or has ended. */
const ofCourse =
  /^(?:Starting|Started|Stopping|Stopped|Reloading|Reloaded|Failed to start|Finished) |: (?:Main process|Control process|Child) .*exited|: Failed with result|: Failed at step |: Scheduled restart job|: Start request repeated|: Deactivated|: Consumed /;

/** The last line in which something of the unit says what went wrong; undefined where none does. */
export function telling(journal: readonly string[]): string | undefined {
  const lines = journal.filter((line) => line !== '' && !ofCourse.test(line));
  return (
    lines.findLast((line) => /(?:fail|error|denied|cannot|can't|unable|no such|not permitted)/i.test(line)) ??
    lines.at(-1)
  );
}
