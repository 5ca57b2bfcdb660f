import ora from 'ora';
import type { LiveCounts } from '../profile/gather.ts';

/** Says on stderr how far a trace or a reading is: a spinner with counts on a terminal, a line at both ends elsewhere. */
export interface Progress {
  /** What is going on now, without counts. */
  say(what: string): void;
  /** Takes the spinner away; prints the counts as the last line. */
  end(what: string): void;
}

const redrawEvery = 200;

export function startProgress(what: string, counts: () => LiveCounts): Progress {
  // A terminal that doesn't know its width says 0 (a fresh pty): ora would then clear endless lines.
  if (process.stderr.isTTY !== true || !(process.stderr.columns > 0)) {
    process.stderr.write(`${what}\n`);
    return {
      say: (news) => process.stderr.write(`${news}\n`),
      end: (news) => process.stderr.write(`${news}: ${inWords(counts())}\n`),
    };
  }
  let text = what;
  // discardStdin would take the terminal's input away from the target.
  const spinner = ora({ text: what, stream: process.stderr, discardStdin: false }).start();
  const timer = setInterval(() => {
    spinner.text = `${text}: ${inWords(counts())}`;
  }, redrawEvery);
  timer.unref();
  return {
    say(news) {
      text = news;
      spinner.text = `${news}: ${inWords(counts())}`;
    },
    end(news) {
      clearInterval(timer);
      spinner.stopAndPersist({ symbol: '✔', text: `${news}: ${inWords(counts())}` });
    },
  };
}

function inWords(counts: LiveCounts): string {
  return [
    plural(counts.processes, 'process', 'processes'),
    plural(counts.calls, 'call', 'calls'),
    `${counts.differentCalls} different`,
    plural(counts.paths, 'path', 'paths'),
    plural(counts.sockets, 'socket address', 'socket addresses'),
  ].join(', ');
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
