import { notForOthersPrograms, onOff } from '../on-off.ts';

const mapping = new Set(['mmap', 'mmap2', 'mprotect', 'pkey_mprotect', 'shmat']);

/** systemd asks the kernel from then on (PR_SET_MDWE, Linux 6.3), and only a kernel that can't do it gets the filter. */
const sinceKernel = 254;

/** What a filter can't tell from making code: memory that was executable before, or that nobody writes. */
const harmless: ReadonlySet<string> = new Set(['executable again', 'mapped executable']);

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
    rules: 'process-directives.md#memorydenywriteexecute-restrictrealtime-and-restrictnamespaces',
  },
  // Interpreters that make code as they run are among other people's programs.
  levels: notForOthersPrograms,
  observes: [...mapping],
  reason: 'No memory was both written and executed: no code was made at run time.',
  refuses(behaviour, { systemd }) {
    if (behaviour.kind !== 'privileged' || !mapping.has(behaviour.call)) return undefined;
    const { what } = behaviour;
    if (what === 'written and executed' || what === 'made executable')
      return systemd < sinceKernel ? 'EPERM' : 'EACCES';
    return harmless.has(what) && systemd < sinceKernel ? 'EPERM' : undefined;
  },
});
