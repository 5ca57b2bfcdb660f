/** Something that a user can mend: its message is one sentence that says what, where, and what to do. Exit status 1. */
export class Failure extends Error {}
