/** A daemon as its package ships it, and what is asked of it. All texts are bash, run as root in a machine. */
export interface Packaged {
  /** `nginx.service` */
  unit: string;
  /** `balanced` unless the daemon runs other people's programs. */
  level?: 'balanced' | 'relaxed';
  /** Quick enough for each run of the tests; the others take `npm run daemons`. */
  isQuick?: boolean;
  /** Programs and files that it and its checks need, the daemon's own first, and the package of Debian that has each. */
  needs: Readonly<Record<string, string>>;
  /** The unit's text, where no package has it. */
  unitText?: string;
  /** What an administrator sets up before the first start. */
  prepare?: string;
  /** The one request that is traced. */
  request: string;
  rotation?: Rotation;
  /** What was not traced, by the name of the check. */
  checks?: Readonly<Record<string, string>>;
}

export interface Rotation {
  /** What logrotate is called with. */
  rules: string;
  /** It must have lines afterwards, and be another file than before. */
  log: string;
  /** What makes the daemon log something, where the request does not. */
  writes?: string;
}
