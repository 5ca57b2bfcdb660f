/** Why a trace could not be made, as one sentence for the user: what, where, and what to do. */
export class TraceError extends Error {
  override name = 'TraceError';
}
