import { notForOthersPrograms, onOff } from '../on-off.ts';

const mapping = new Set(['mmap', 'mmap2', 'mprotect', 'pkey_mprotect', 'shmat']);

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#MemoryDenyWriteExecute=
 *
 * Until 253 a filter refuses every mprotect that asks for PROT_EXEC, also on code that is executable already; newer versions ask
 * the kernel, which allows that. Libraries are mapped executable from the start, so loading them is no matter.
 */
export const memoryDenyWriteExecute = onOff({
  name: 'MemoryDenyWriteExecute',
  since: 231,
  about: {
    denies: 'Memory that is written and executed',
    when: 'None was asked for, and none was made executable later',
  },
  // Interpreters that make code as they run are among other people's programs.
  levels: notForOthersPrograms,
  observes: [...mapping],
  reason: 'No memory was both written and executed: no code was made at run time.',
  refuses: (behaviour) =>
    behaviour.kind === 'privileged' &&
    mapping.has(behaviour.call) &&
    (behaviour.what === 'written and executed' || behaviour.what === 'made executable')
      ? 'EPERM'
      : undefined,
});
