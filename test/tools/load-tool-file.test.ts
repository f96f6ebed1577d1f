import { describe, expect, it } from 'vitest';
import { propertiesOf } from '../../src/tools/declarations/schema-reader.ts';
import { formatToolProblem } from '../../src/tools/tool-problem.ts';
import { exampleFile, loadTool, problemsOf } from './load.ts';

describe('a tool file that loads', () => {
  it('is read in the layout of the original, with every default', () => {
    const { tool } = loadTool(exampleFile('curl.yaml'));
    expect(tool).toMatchObject({
      name: 'curl',
      description: 'Make HTTP requests',
      tags: ['http'],
      origin: 'tools/tool.yaml',
    });
    expect(tool.callables.map(({ name }) => name)).toEqual(['', 'get']);
    expect(tool.warnings).toEqual([
      'tools/tool.yaml:27:7: recipes.get.preset.location: not in schema.options; passed as --location',
    ]);
  });

  it('may leave out all but the name', () => {
    const { tool } = loadTool('name: pwd');
    expect(tool.callables).toEqual([
      {
        name: '',
        description: '',
        inputSchema: { type: 'object', properties: {}, additionalProperties: false },
        outputSchema: { type: 'string' },
      },
    ]);
  });

  it('may leave keys empty', () => {
    const { tool } = loadTool('name: a\ndescription:\ntags:\nschema:\nrecipes:\n  all:\n  some: {preset: , params: }');
    expect(tool.callables.map(({ name }) => name)).toEqual(['', 'all', 'some']);
    expect(loadTool('name: a\nschema: {options: , positional: }').tool.name).toBe('a');
    expect(
      loadTool('name: a\nschema: {options: {x: }, positional: [{name: y}]}\nrecipes: {r: {params: {x: }}}').tool.name,
    ).toBe('a');
  });

  it('is JSON too', () => {
    expect(loadTool('{"name": "a", "schema": {"options": {"b": {"type": "integer"}}}}').tool.name).toBe('a');
  });

  it('may share blocks with anchors', () => {
    const { tool } = loadTool('name: a\nschema:\n  options:\n    x: &o {type: integer}\n    y: *o');
    expect(tool.callables[0]?.inputSchema['properties']).toEqual({ x: { type: 'integer' }, y: { type: 'integer' } });
  });

  it('gets names that are identifiers', () => {
    const { tool } = loadTool('name: docker-compose\nrecipes: {up-all: {}, 2nd: {}}');
    expect(tool.name).toBe('docker_compose');
    expect(tool.callables.map(({ name }) => name)).toEqual(['', 'up_all', '_2nd']);
  });

  it('lists the parameters of a recipe: its own first, then what else may be passed', () => {
    const { tool } = loadTool(exampleFile('git-log.yaml'));
    const [all, subjects] = tool.callables;
    expect(propertiesOf(all?.inputSchema ?? {}).map(([name]) => name)).toEqual([
      'revision',
      'max-count',
      'date',
      'oneline',
    ]);
    expect(propertiesOf(subjects?.inputSchema ?? {}).map(([name]) => name)).toEqual([
      'max-count',
      'revision',
      'date',
      'oneline',
    ]);
    expect(subjects?.inputSchema['properties']).toMatchObject({
      'max-count': { type: 'integer', minimum: 1, maximum: 1000, default: 5 },
      date: { enum: ['iso', 'short', 'unix'] },
      oneline: { type: 'boolean', default: true },
    });
  });

  it('requires of a recipe what its preset leaves open', () => {
    const { tool } = loadTool(exampleFile('jq.yaml'));
    expect(tool.callables.map(({ inputSchema }) => inputSchema['required'])).toEqual([['filter'], undefined]);
  });
});

const BAD_FILES: readonly [title: string, text: string, expected: readonly string[]][] = [
  ['an empty file', '', ['1:1: the file is empty; expected a block of keys: name, command, schema, ...']],
  ['a list', '- a', ['1:1: the file holds a list; expected a block of keys: name, command, schema, ...']],
  ['no name', 'description: x', ['1:1: name: is missing; expected a string']],
  ['a bad name', 'name: a b', ['1:7: name: got "a b"; expected letters, digits, _ and -']],
  ['a reserved name', 'name: search', ['1:7: name: "search" is reserved; expected another name']],
  ['a name that promises have', 'name: then', ['1:7: name: "then" is reserved; expected another name']],
  ['a name of every object', 'name: constructor', ['1:7: name: "constructor" is reserved; expected another name']],
  ['a reserved recipe', 'name: a\nrecipes:\n  list: {}', ['3:3: recipes: "list" is reserved; expected another name']],
  [
    'recipes that get one name',
    'name: a\nrecipes:\n  x-y: {}\n  x_y: {}',
    ['4:3: recipes: there are two recipes "x_y"; expected one of each name'],
  ],
  [
    'a command of no words',
    'name: a\ncommand: []',
    ['2:1: command: got an empty list; expected a command, or a list of texts: the command, then its first arguments'],
  ],
  ['an unknown kind', 'name: a\ntype: clu', ['2:7: type: got "clu"; expected cli (did you mean "cli"?)']],
  ['a kind that is no text', 'name: a\ntype: [cli]', ['2:1: type: got a list; expected cli']],
  [
    'an unknown key',
    'name: a\ncomand: b',
    [
      '2:1: comand: unknown key; expected name, type, description, command, timeout, tags, env, cwd, output, result, max_output_bytes, success_exit_codes, schema, recipes (did you mean "command"?)',
    ],
  ],
  [
    'a key that belongs elsewhere',
    'name: a\nend_of_options: true',
    ['2:1: end_of_options: unknown key; expected it under schema'],
  ],
  [
    'an unknown key of an option',
    'name: a\nschema:\n  options:\n    x:\n      typ: string',
    [
      '5:7: schema.options.x.typ: unknown key; expected type, items, description, required, examples, enum, min, max, pattern, default, allow_leading_dash, short (did you mean "type"?)',
    ],
  ],
  ['a wrong type', 'name: a\ntimeout: long', ['2:10: timeout: got "long"; expected a number']],
  ['a time-out of nothing', 'name: a\ntimeout: 0', ['2:10: timeout: got 0; expected more than 0']],
  [
    'a wrong choice',
    'name: a\nschema: {options: {x: {type: bool}}}',
    [
      '2:30: schema.options.x.type: got "bool"; expected one of string, integer, number, boolean, array (did you mean "boolean"?)',
    ],
  ],
  [
    'a short flag with its dash',
    'name: a\nschema: {options: {x: {short: -s}}}',
    ['2:31: schema.options.x.short: got "-s"; expected the short flag without its dash, such as s for -s'],
  ],
  [
    'an option with dashes',
    'name: a\nschema: {options: {--x: {}}}',
    ['2:20: schema.options.--x: bad name; expected the name without leading dashes, not only digits'],
  ],
  [
    'a positional without a name',
    'name: a\nschema: {positional: [{type: string}]}',
    ['2:23: schema.positional.0.name: is missing; expected a string'],
  ],
  [
    'two parameters of one name',
    'name: a\nschema: {options: {x: {}}, positional: [{name: x}]}',
    ['2:48: schema.positional.0.name: there are two parameters "x"; expected one of each name'],
  ],
  [
    'a bad pattern',
    'name: a\nschema: {options: {x: {pattern: "("}}}',
    ['2:33: schema.options.x.pattern: got "("; expected a JavaScript regular expression'],
  ],
  [
    'min of a text',
    'name: a\nschema: {options: {x: {min: 1}}}',
    ['2:24: schema.options.x.min: needs a type that is a number, got type: string'],
  ],
  [
    'an enum of another type',
    'name: a\nschema: {options: {x: {type: integer, enum: [a]}}}',
    ['2:39: schema.options.x.enum: needs values of its own type, got type: integer'],
  ],
  [
    'a default outside of its bounds',
    'name: a\nschema: {options: {x: {type: integer, max: 5, default: 6}}}',
    ['2:56: schema.options.x.default: got 6; expected an integer of at most 5'],
  ],
  [
    'a preset of the wrong type',
    'name: a\nschema: {options: {x: {short: L}}}\nrecipes: {r: {preset: {x: true}}}',
    ['3:27: recipes.r.preset.x: got true; expected a string'],
  ],
  [
    'a parameter that is nowhere',
    'name: a\nschema: {options: {url: {}}}\nrecipes: {r: {params: {ulr: {}}}}',
    ['3:24: recipes.r.params.ulr: not in the schema; expected url (did you mean "url"?)'],
  ],
  [
    'another type in a recipe',
    'name: a\nschema: {options: {x: {}}}\nrecipes: {r: {params: {x: {type: integer}}}}',
    ['3:34: recipes.r.params.x.type: got integer; expected string, as in the schema'],
  ],
  ['a result without json', 'name: a\nresult: {type: string}', ['2:1: result: needs output: json, got output: text']],
  [
    'a result that refers to nothing',
    'name: a\noutput: json\nresult: {$ref: "#/nowhere"}',
    ['3:1: result: $ref "#/nowhere" leads nowhere; expected a JSON Schema that is whole in this file'],
  ],
  [
    'a result with a bad pattern',
    'name: a\noutput: json\nresult: {type: string, pattern: "("}',
    ['3:1: result: pattern "(" is no regular expression; expected a JSON Schema that is whole in this file'],
  ],
  [
    'an unset variable',
    'name: a\nenv:\n  T: x${TOKE}',
    ['3:6: env.T: got "${TOKE}"; expected a variable that is set in the host\'s environment (did you mean "TOKEN"?)'],
  ],
  [
    'stdin that is a flag',
    'name: a\nschema: {stdin: x, options: {x: {type: boolean}}}',
    ['2:17: schema.stdin: "x" is of type boolean; expected a parameter of type string'],
  ],
  ['a key twice', 'name: a\nname: b', ['2:1: map keys must be unique']],
  ['a tab', 'name: a\ntags:\n\t- b', ['3:1: tabs are not allowed as indentation']],
  ['two documents', 'name: a\n---\nname: b', ['2:1: the file holds several documents; expected one tool a file']],
  ['a custom tag', 'name: !env NAME', ['1:12: unknown tag !env; expected plain YAML without custom tags']],
  ['a prototype', 'name: a\n__proto__: {x: 1}', ['2:1: key "__proto__"; expected another name']],
  ['an alias to nothing', 'name: *b', ['1:1: unresolved alias (the anchor must be set before the alias): b']],
  ['an alias within its own block', 'name: a\ntags: &t [*t]', ['1:1: an alias refers to a block that contains it']],
];

describe('a tool file that does not load', () => {
  it.each(BAD_FILES)('%s is reported with place and expectation', (_title, text, expected) => {
    const shown = problemsOf(text).map(({ snippet: _snippet, ...problem }) => formatToolProblem(problem));
    expect(shown).toEqual(expected.map((line) => `tools/tool.yaml:${line}`));
  });

  it('reports all that is wrong with it', () => {
    const problems = problemsOf('name: 5\ntimeout: x\nschema:\n  options:\n    a: {type: b}\n    c: {d: e}\n');
    expect(problems.map(({ line }) => line)).toEqual([1, 2, 5, 6]);
  });

  it('shows the line', () => {
    expect(problemsOf('name: a\n\ntimeout: long # a lot')[0]?.snippet).toBe(
      '3 | timeout: long # a lot\n             ^',
    );
    const [problem] = problemsOf(`name: a\n# ${'-'.repeat(90)}\ntags: [${'b, '.repeat(200)} {c: d}]`);
    expect(problem?.snippet?.split('\n')[1]?.length).toBeLessThan(120);
  });

  it.each([
    [
      'aliases that multiply',
      `a: &a [x,x]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]`,
    ],
    ['nesting without end', `name: ${'['.repeat(50_000)}`],
    ['flow maps without end', `name: ${'{a: '.repeat(20_000)}`],
    ['a file that is too long', `name: ${'a'.repeat(2 * 1024 * 1024)}`],
  ])('survives %s', (_title, text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });
});
