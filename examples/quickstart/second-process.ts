/** `node second-process.ts FOLDER SHOP`: an agent that knows nothing but the folder finds a skill in it and calls it. */
import assert from 'node:assert/strict';
import { FileStorage, Session } from 'ts-code-mode';

import { say, showRun } from './narrator.ts';

const [basePath = '', shop = ''] = process.argv.slice(2);
await using session = await Session.open({ storage: new FileStorage({ basePath }) });
say(`process ${process.pid}, a session of its own over the same folder`);

const found = await showRun(session, `(await skills.search('which customers spend the most')).map(({ id }) => id)`);
assert.ok(found.ok && Array.isArray(found.value) && found.value.includes('bestCustomers'), 'search finds the skill');

const called = await showRun(session, `await skills.bestCustomers('${shop}', 2)`);
assert.ok(called.ok, 'the skill runs');
assert.deepEqual(called.value, [
  { name: 'Radia', spent: 510 },
  { name: 'Konrad', spent: 487.25 },
]);
