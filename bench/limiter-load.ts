/** Calls at once. */
export const places = 10;
/** Calls per minute: a limit that is kept, and never reached. */
export const moreThanEnough = 1e9;
