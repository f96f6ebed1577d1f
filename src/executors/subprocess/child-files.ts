/** The file descriptors of a confined child beside its standard error. */
export const CHILD_FILES = {
  input: 3,
  output: 4,
} as const;
