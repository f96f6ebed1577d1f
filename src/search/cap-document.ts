import type { SearchDocument } from '../contracts/search.ts';

/** Enough for every tool that was measured; what is longer is data, and would cost every search of everybody. */
const MAX_NAME_CHARS = 200;
const MAX_DESCRIPTION_CHARS = 4_000;
const MAX_TAGS = 64;
const MAX_TAG_CHARS = 100;
const MAX_PARAMETERS = 64;
const MAX_PARAMETER_NAME_CHARS = 100;
const MAX_PARAMETER_DESCRIPTION_CHARS = 500;

/** What of a document counts in a search; the document itself when that is all of it. */
export function capDocument(document: SearchDocument): SearchDocument {
  if (isSmall(document)) return document;
  const { id, name, description, tags, parameters } = document;
  return {
    id,
    name: cut(name, MAX_NAME_CHARS),
    description: cut(description, MAX_DESCRIPTION_CHARS),
    tags: tags.slice(0, MAX_TAGS).map((tag) => cut(tag, MAX_TAG_CHARS)),
    parameters: parameters.slice(0, MAX_PARAMETERS).map((parameter) => ({
      name: cut(parameter.name, MAX_PARAMETER_NAME_CHARS),
      ...(parameter.description !== undefined && {
        description: cut(parameter.description, MAX_PARAMETER_DESCRIPTION_CHARS),
      }),
    })),
  };
}

function isSmall({ name, description, tags, parameters }: SearchDocument): boolean {
  return (
    name.length <= MAX_NAME_CHARS &&
    description.length <= MAX_DESCRIPTION_CHARS &&
    tags.length <= MAX_TAGS &&
    tags.every((tag) => tag.length <= MAX_TAG_CHARS) &&
    parameters.length <= MAX_PARAMETERS &&
    parameters.every(
      (parameter) =>
        parameter.name.length <= MAX_PARAMETER_NAME_CHARS &&
        (parameter.description ?? '').length <= MAX_PARAMETER_DESCRIPTION_CHARS,
    )
  );
}

/** Half a character at the end would be refused by embedders behind a network. */
function cut(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}
