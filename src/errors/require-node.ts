import process from 'node:process';

const REQUIRED_MAJOR = 24;

/** Evaluated before anything else of the package: an older Node gets this sentence, not what happens to be missing first. */
if (Number.parseInt(process.versions.node, 10) < REQUIRED_MAJOR) {
  throw new Error(
    `Cannot load ts-code-mode: it needs Node ${REQUIRED_MAJOR} or newer; this is Node ${process.versions.node}`,
  );
}
