import { ownDirectory } from '../own-directory.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory= */
export const runtimeDirectory = ownDirectory('RuntimeDirectory', 211);
