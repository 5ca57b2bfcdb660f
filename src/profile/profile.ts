import { z } from 'zod';
import { fileFacts } from '../paths/file-facts.ts';
import { lineClasses } from '../trace/event.ts';
import { acts } from './acts.ts';

/**
 * What a daemon did, as plain JSON: facts only, no conclusion. Paths are path text (src/paths/byte-text.ts), absolute, as seen
 * from the real root. Evidence names calls, paths, flags and addresses; it never holds buffers, arguments or environment.
 */

const place = z.object({ source: z.string(), line: z.number().int().nonnegative() });

export const evidence = z.object({
  /** The system call that did it. */
  call: z.string(),
  /** Where it was seen first. Line 0: not in a log, but read from /proc when a running process was attached to. */
  first: place,
  count: z.number().int().nonnegative(),
  /**
   * As whom it was done, sorted: the file system uid, and the effective capabilities where they are not what that uid has by
   * itself (`0`, `33`, `33 NET_BIND_SERVICE`, `0 none`, `1000 userns`). Absent where credentials make no difference.
   */
  as: z.array(z.string()).optional(),
});
export type Evidence = z.infer<typeof evidence>;

const failure = evidence.extend({ errno: z.string() });
export type Failure = z.infer<typeof failure>;

const endpoint = z.object({
  act: z.enum(['bind', 'connect', 'send', 'accept']),
  family: z.string(),
  /** Numeric, as strace prints it; for AF_UNIX an abstract name as path text, `@` in front. */
  address: z.string(),
  /** 0 where the family has none, or where it is the peer's own (accept, answers to datagrams). */
  port: z.number().int(),
  evidence,
});
export type Endpoint = z.infer<typeof endpoint>;

const move = z.object({ how: z.enum(['rename', 'link']), from: z.string(), to: z.string(), evidence });
export type Move = z.infer<typeof move>;

/** Who connected, or sent something, to a socket that has a path: the process with which the trace began, or any other. */
const caller = z.object({ path: z.string(), by: z.enum(['the first process', 'another process']), evidence });
export type Caller = z.infer<typeof caller>;

/** A change of credentials that the kernel made: ids as `real:effective:saved`, `?` for one that nobody knows. */
const transition = z.object({ call: z.string(), from: z.string(), to: z.string(), evidence });
export type Transition = z.infer<typeof transition>;

/** A call that worked and for whose arguments the kernel may ask a capability, or a filter may refuse it: `what` is their class. */
const privileged = z.object({ call: z.string(), what: z.string(), evidence });
export type Privileged = z.infer<typeof privileged>;

/** A symbolic link that was made, and what it leads to, as path text from the real root. */
const symbolicLink = z.object({ path: z.string(), target: z.string(), evidence });
export type SymbolicLink = z.infer<typeof symbolicLink>;

/** What systemd-tmpfiles makes at boot: owner as in `files` (`33:33:0755`; a name that the host doesn't know stays one). */
const preparation = z.object({
  kind: z.enum(['directory', 'file', 'fifo', 'link', 'copy']),
  owner: z.string(),
  /** `FILE of PACKAGE`. */
  by: z.string(),
});

/** Logs of one directory that logrotate rotates. */
const rotation = z.object({
  /** Their name, with wildcards. */
  logs: z.string(),
  by: z.string(),
  /** Whom the new log belongs to, `33:4:0640`, `?` for bits that the rule leaves out; absent: as the old one. */
  create: z.string().optional(),
  /** As whom logrotate works there: `0:0`. */
  su: z.string().optional(),
});

/**
 * Zod's own record leaves out the key `__proto__`, and a traced program may call a file so. A profile may come from a stranger:
 * keys are held against what a log can give.
 */
function recordOf<T extends z.ZodType>(value: T, key = z.string()) {
  const inner = z.array(z.tuple([key, value]));
  return z
    .custom<Readonly<Record<string, z.input<T>>>>(
      (given) => typeof given === 'object' && given !== null && !Array.isArray(given),
      'an object is wanted here',
    )
    .transform((given, context): Record<string, z.output<T>> => {
      const parsed = inner.safeParse(Object.entries(given));
      if (parsed.success) return Object.fromEntries(parsed.data) as Record<string, z.output<T>>;
      for (const { path, message } of parsed.error.issues) {
        const [at, , ...rest] = path;
        const key = Object.keys(given)[Number(at)] ?? '';
        context.addIssue({ code: 'custom', path: [key, ...rest], message });
      }
      return z.NEVER;
    });
}

/** Path text from the root, with no component that leads back. */
const absolutePath = z.string().refine((path) => {
  const [start, ...names] = path.split('/');
  return (
    start === '' &&
    names.length > 0 &&
    (path === '/' || names.every((name) => !['', '.', '..'].includes(name)))
  );
});

const tally = z.object({
  lines: z.number().int(),
  ...(Object.fromEntries(lineClasses.map((name) => [name, z.number().int()])) as Record<
    (typeof lineClasses)[number],
    z.ZodNumber
  >),
});
export type LogTally = z.infer<typeof tally>;

export const profileSchema = z.object({
  schema: z.literal(1),
  sources: z.array(
    z.object({
      name: z.string(),
      how: z.enum(['traced', 'attached', 'log']),
      /** The first program that the trace shows, as path text; empty where it shows none. */
      program: z.string(),
      /** The machine architecture in systemd's words (`x86-64`), where it is known. */
      architecture: z.string(),
      /**
       * As whom it was started: told by who started it or by /proc, said by the user, or answered by geteuid and getegid in the
       * log before it changed them. Absent where nobody knows.
       */
      uid: z.number().int().nonnegative().optional(),
      gid: z.number().int().nonnegative().optional(),
    }),
  ),
  log: tally,
  syscalls: recordOf(z.object({ count: z.number().int(), first: place })),
  /** Calls that were not watched: they may have been made, and with any arguments that say nothing more than that. */
  unwatched: z.array(z.string().regex(/^[a-z0-9_]+$/)).default([]),
  /** Calls made through another ABI than the native one: `32 bit`, `x32`. */
  abis: recordOf(evidence),
  paths: recordOf(z.partialRecord(z.enum(acts), evidence), absolutePath),
  /** The same for what failed: no need of the daemon, but it says where it looks. */
  tried: recordOf(z.partialRecord(z.enum(acts), failure), absolutePath),
  moves: z.array(move),
  links: z.array(symbolicLink).default([]),
  families: recordOf(evidence, z.string().regex(/^AF_[A-Z0-9_]+$/)),
  endpoints: z.array(endpoint),
  callers: z.array(caller).default([]),
  /** How the daemon's credentials changed. */
  credentials: z.array(transition).default([]),
  privileged: z.array(privileged).default([]),
  /** Relative paths whose directory the log doesn't tell. */
  unresolved: recordOf(evidence),
  /** Programs that the daemon's unit runs beside it, and where they stand: `ExecReload= of some.service`. Not from the trace. */
  beside: recordOf(z.array(z.string())).default({}),
  /** Directories that the daemon's package ships to be written to, and the packages that do. Not from the trace. */
  shipped: recordOf(z.array(z.string()), absolutePath).default({}),
  /** What lies below /etc and not everybody may read, with owner and mode (`0:0:0600`). Not from the trace. */
  closed: recordOf(z.array(z.string()), absolutePath).default({}),
  /** What other services of the machine have below /run and /var, and who says so (`foo.service`, `foo.conf`). Not from the trace. */
  neighbours: recordOf(z.array(z.string()), absolutePath).default({}),
  /** What is made at boot below /run and /var for the daemon's package. Not from the trace. */
  prepared: recordOf(z.array(preparation), absolutePath).default({}),
  /** Directories of logs that are rotated by the rules of the daemon's package. Not from the trace. */
  rotated: recordOf(z.array(rotation), absolutePath).default({}),
  /** What the log could not tell, one sentence each. */
  limits: z.array(z.string()),
  /** What the file system said about paths of interest, at the time of the trace. */
  files: recordOf(fileFacts, absolutePath),
});
export type Profile = z.infer<typeof profileSchema>;
