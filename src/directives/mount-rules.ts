/**
 * What one directive wants of one path in the unit's mount namespace. Paths are absolute and have no link on the way: systemd
 * follows links first, and what it mounts lies where they lead.
 */
export type MountRule =
  | {
      /**
       * `left-writable` is what ProtectSystem=strict asks for /home, /dev and their kin: weaker than anything else at that path.
       * `private-tmp` is an empty directory that anybody may write, for PrivateTmp=.
       */
      flag:
        | 'read-only'
        | 'read-write'
        | 'left-writable'
        | 'no-exec'
        | 'exec'
        | 'inaccessible'
        | 'private-tmp';
      path: string;
      by: string;
    }
  /** RuntimeDirectory= and its kin: systemd makes the directory on the host and binds it in, writable unless it says `ro`. */
  | { flag: 'own-directory'; path: string; readOnly?: boolean; by: string }
  /** TemporaryFileSystem=, ProtectHome=tmpfs. The mode of its root is 0755 unless given. */
  | { flag: 'tmpfs'; path: string; readOnly: boolean; noExec: boolean; mode?: number; by: string }
  /** BindPaths=, BindReadOnlyPaths=: `path` is where the host's `source` is seen. */
  | { flag: 'bind'; path: string; source: string; readOnly: boolean; by: string };

/** How a sandbox answers what it does not let through: the directive to blame, and the error that the daemon sees. */
export interface Refusal {
  by: string;
  errno: string;
}
