/** What a unit did by itself while nothing was wrong with it. */
export interface Noticed {
  /** It ended, and systemd started it again. */
  restarts: boolean;
  /** It ended, well. */
  ends: boolean;
  /** For how long it was seen to do neither: milliseconds from a start on. */
  steady: number;
}

/** What is known of a unit from a run that went well. */
export interface Manner {
  /** What listens once it is ready; undefined where nobody has looked yet. */
  listening: ReadonlySet<string> | undefined;
  /** Sockets that must be there before it starts. */
  sockets: readonly string[];
  /** Each connection is handed to an instance of its own: only the sockets are started. */
  isForConnections: boolean;
  /** Undefined where that is being found out: then both are well. */
  usual: Noticed | undefined;
}

/** What is led through a life. Each step says why it failed; nothing where it went well. */
export interface Subject {
  readonly noticed: Noticed;
  /** The next step begins: what was logged before is not about it. */
  turns(): void;
  /** Until it listens where it did in the run that went well. */
  begins(how: 'start' | 'restart'): Promise<string>;
  exercised(command: string): Promise<string>;
  canReload(): Promise<boolean>;
  reloads(): Promise<string>;
  stops(): Promise<string>;
}
