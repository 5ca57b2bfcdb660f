import type { Gist } from './gist.ts';

/**
 * What a reader must know of its listener to let lines go by that hold nothing new: most lines of a long log are calls that are
 * only counted, or the very words of an earlier line. The listener decides; the reader only compares bytes.
 */
export interface Skimming {
  /** Whether a call of that name says more than that it was made. */
  speaks(name: string): boolean;
  /** What of the words of such a call makes no difference; undefined where all of them may. */
  gistOf(name: string): Gist | undefined;
  /** Whether the next line of that process may be counted without being handed over. */
  isSettled(pid: number): boolean;
  /** Calls that went by: how many, and the line of the first of them. */
  counted(name: string, times: number, firstLine: number): void;
  /** The mark under which the call that was handed over last can be repeated; 0 where it can't. */
  readonly mark: number;
  /** The same process makes the marked call again, in the same words and with the same result. False where that means something else by now. */
  again(mark: number, pid: number): boolean;
}
