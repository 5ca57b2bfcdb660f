import type { Directive } from './directive.ts';
import { execPaths } from './plugins/exec-paths.ts';
import { noExecPaths } from './plugins/no-exec-paths.ts';
import { protectSystem } from './plugins/protect-system.ts';
import { readWritePaths } from './plugins/read-write-paths.ts';
import { restrictAddressFamilies } from './plugins/restrict-address-families.ts';
import { systemCallArchitectures } from './plugins/system-call-architectures.ts';
import { systemCallErrorNumber } from './plugins/system-call-error-number.ts';
import { systemCallFilter } from './plugins/system-call-filter.ts';
import { systemCallLog } from './plugins/system-call-log.ts';

/** Every directive, in the order in which a drop-in shows them. */
export const directives: readonly Directive[] = [
  systemCallFilter,
  systemCallErrorNumber,
  systemCallArchitectures,
  systemCallLog,
  restrictAddressFamilies,
  protectSystem,
  readWritePaths,
  execPaths,
  noExecPaths,
];
