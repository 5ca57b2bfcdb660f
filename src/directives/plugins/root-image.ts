import { advice } from '../advice.ts';

/**
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RootImage=
 *
 * A tree of its own as RootDirectory= gives one, from an image that somebody has to build: what must be in it, the advice of that one
 * says.
 */
export const rootImage = advice({
  name: 'RootImage',
  since: 233,
  about: {
    denies: 'Seeing the tree of the host',
    when: 'Never: an image has to be built first; the advice of RootDirectory= lists what must be in it',
    rules: 'places.md#confine',
  },
  advise: () => 'an image has to be built first; --explain RootDirectory lists what must be in it',
});
