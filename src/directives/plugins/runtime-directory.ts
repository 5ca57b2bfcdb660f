import { ownDirectory } from '../own-directory.ts';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory= */
export const runtimeDirectory = ownDirectory({
  name: 'RuntimeDirectory',
  since: 211,
  about: {
    denies: 'Nothing: it grants writing',
    when: 'A directory of /run is written that belongs to the user of the unit',
    rules: 'places.md#own-directories',
  },
});
