/** Tells that a search cache is of no use: searching works, and each process starts by deriving everything again. */
export function warnOfSearchCache(action: string, reason: string): void {
  const message = `Cannot ${action} the search cache: ${reason}; searches work, the first one of each process takes longer`;
  process.emitWarning(message, { type: 'CodeModeWarning', code: 'SEARCH_CACHE' });
}
