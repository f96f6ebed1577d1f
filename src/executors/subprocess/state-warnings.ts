/** What a result says of a run after which the session's variables are not what the code would have left. */

export const CUT_OFF = 'The run was cut off: what it had declared or changed by then is kept, and may be half done.';
export const LOST = "The session's variables are gone: what they lived in had to be ended. Later runs start anew.";
