import { z } from 'zod';

/**
 * What a file system said about a path at the time of the trace. Each fact is a sorted set, because a profile may come from
 * several hosts: merging takes the union.
 */
export const fileFacts = z.object({
  /** Where the path leads once every link on the way is followed (the path itself where none is). A missing tail is kept. */
  real: z.array(z.string()),
  /** `file`, `directory`, `socket`, `fifo`, `character`, `block`, or `missing`: what the path leads to. */
  kind: z.array(z.string()),
  /** Owner, group and permission bits in octal: `0:0:0755`. Empty where the path is missing. */
  owner: z.array(z.string()),
  /** For a program: what the kernel and the loader open so that it runs (interpreters, libraries), as real paths. */
  needs: z.array(z.string()),
  /** For a program: its format: `elf64`, `elf32`, `script`, `other`. */
  format: z.array(z.string()),
});
export type FileFacts = z.infer<typeof fileFacts>;
