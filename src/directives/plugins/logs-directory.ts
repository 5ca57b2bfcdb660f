import { ownDirectory } from '../own-directory.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory= */
export const logsDirectory = ownDirectory({
  name: 'LogsDirectory',
  since: 235,
  about: {
    denies: 'Nothing: it grants writing',
    when: 'A directory of /var/log is written that belongs to the user of the unit',
    rules: 'places.md#own-directories',
  },
});
