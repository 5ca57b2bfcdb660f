import { ownDirectory } from '../own-directory.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory= */
export const logsDirectory = ownDirectory('LogsDirectory', 235);
