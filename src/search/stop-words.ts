/** English words that say nothing about what a tool does. Lower case, before stemming. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be because been before being between both but by can cannot could
  did do does doing don during each either else etc ever every few for from further had has have having he her here
  hers him his how however i if in into is isn it its itself just let ll may me might more most must my myself need
  needs no nor not of off on once only or other our ours out over own please re same shall she should so some such
  than that the their theirs them themselves then there these they this those through to too under until up upon us
  use used using ve very want wants was we were what when where which while who whom why will with would you your
  yours yourself`.split(/\s+/),
);
