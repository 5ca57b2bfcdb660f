import { brief } from '../emit/escaping.ts';
import type { Interrupts } from '../lifetime/interrupt.ts';
import { type ExerciseEnd, runExercise } from '../trace/live/exercise.ts';
import type { Readiness, Ready } from '../trace/live/readiness.ts';
import type { TargetEnd, TraceSession } from '../trace/live/trace-session.ts';

/** How long a target may take to end after SIGTERM, in milliseconds. */
const patience = 10_000;

export interface Course {
  exercise: string | undefined;
  /** Milliseconds, from the start. */
  duration: number | undefined;
  interrupts: Interrupts;
  /** What to say at the first Ctrl-C. */
  stopping: string;
  say(what: string): void;
  /** Called while the target still runs, just before it is told to end. */
  beforeStop(): void;
}

export interface Voyage {
  /** Why nothing should be made of the trace, in one sentence; undefined where all went well. */
  failure: string | undefined;
  warnings: string[];
}

/**
 * Runs a traced target to its end: until all its processes are gone, the exercise is over, the time is up, or somebody presses
 * Ctrl-C. The first one asks it to end, the second one kills it; later ones are ignored. Rejects with a TraceError where nothing could be traced.
 */
export async function steer(session: TraceSession, readiness: Readiness, course: Course): Promise<Voyage> {
  let asked = false;
  let ready: Ready | undefined;
  const exerciseOver = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const later = (action: () => void, after: number) => timers.push(setTimeout(action, after));
  const stop = (why: string) => {
    if (asked) return;
    asked = true;
    exerciseOver.abort();
    course.beforeStop();
    course.say(why);
    session.stop();
    later(() => session.kill(), patience);
  };
  course.interrupts.listen(() => {
    if (asked) session.kill();
    else stop(course.stopping);
  });
  if (course.duration !== undefined) later(() => stop('The time is up'), course.duration);
  const exercised = readiness.ready.then(async (how) => {
    ready = how;
    if (course.exercise === undefined || how === 'ended' || asked) return undefined;
    course.say(`Exercising (the target is ${how})`);
    const end = await runExercise(course.exercise, { signal: exerciseOver.signal });
    stop('The exercise is over');
    return end;
  });
  try {
    const end = await session.ended;
    readiness.end();
    exerciseOver.abort();
    return judge({ end, asked, ready, exercised: await exercised, course });
  } finally {
    readiness.end();
    exerciseOver.abort();
    for (const timer of timers) clearTimeout(timer);
    course.interrupts.ignore();
  }
}

interface Outcome {
  end: TargetEnd;
  /** Whether it was we who ended it. */
  asked: boolean;
  ready: Ready | undefined;
  exercised: ExerciseEnd | undefined;
  course: Course;
}

function judge({ end, asked, ready, exercised, course }: Outcome): Voyage {
  const how = inWords(end);
  const failed = how !== undefined && !asked;
  if (failed && (ready === undefined || ready === 'ended')) {
    return {
      failure: `The target ${how} before it was ready: what it printed above may say why.`,
      warnings: [],
    };
  }
  if (course.exercise !== undefined && exercised === undefined && !asked) {
    return { failure: 'The target ended before the exercise could begin.', warnings: [] };
  }
  const warnings = failed ? [`The target ${how} by itself: was that meant?`] : [];
  if (course.exercise !== undefined && exercised === undefined) {
    warnings.push('The target was stopped before the exercise could begin, so nothing of it is in here.');
  } else if (exercised?.endedBy !== undefined) {
    warnings.push('The exercise was cut short, so what it had not done yet is missing here.');
  }
  const wrong = exercised === undefined || exercised.endedBy !== undefined ? undefined : inWords(exercised);
  if (wrong !== undefined) {
    return {
      failure: `The exercise ${JSON.stringify(brief(course.exercise ?? ''))} ${wrong}.`,
      warnings: [],
    };
  }
  return { failure: undefined, warnings };
}

/** Undefined for a good end. */
function inWords({ exitCode, signal }: { exitCode?: number; signal?: string }): string | undefined {
  if (signal !== undefined) return `was ended by ${signal}`;
  return exitCode === undefined || exitCode === 0 ? undefined : `ended with status ${exitCode}`;
}
