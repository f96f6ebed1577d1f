/** `jq.yml`, and `jq.yml.yaml`, whose field would otherwise be the same. */
const VERBATIM = /\.yml(?:\.yaml)*$/;

/**
 * The hash field of a tool file. py-code-mode's fields are tools' names, a `curl.yaml` to us: so the extension is
 * understood, unless it is another.
 */
export function fieldOf(fileName: string): string {
  return VERBATIM.test(fileName) ? fileName : fileName.replace(/\.yaml$/, '');
}

/** The tool file that a hash field stands for. */
export function fileNameOf(field: string): string {
  return VERBATIM.test(field) ? field : `${field}.yaml`;
}
