import { createHash } from 'node:crypto';

/** A Lua script: Redis runs it whole, with nothing between its steps. */
export interface Script {
  readonly source: string;
  readonly sha1: string;
}

/**
 * The reply of a change may be lost with the connection, and the change is then sent again. So each notes under a key
 * of its own (KEYS[1]) that it was made, in the same step, for as long as it may be sent again.
 */
const DONE = `
local answer = redis.call('GET', KEYS[1])
if answer then return answer end
local function done(answer)
  redis.call('SET', KEYS[1], answer, 'EX', 120)
  return answer
end
`;

/**
 * A script is not undone when it fails: what fails for a key of the wrong type is asked of all keys before the first write.
 * KEYS: done, entries, sources, changes.
 */
const CHECK_ENTRY_KEYS = `
redis.call('HLEN', KEYS[2])
redis.call('HLEN', KEYS[3])
redis.call('XLEN', KEYS[4])
`;

/** The same. KEYS: done, data, index, names. Data may be of any type: it is replaced. */
const CHECK_ARTIFACT_KEYS = `
redis.call('HLEN', KEYS[3])
redis.call('ZCARD', KEYS[4])
`;

/**
 * Changes a tool or a skill, and tells so in the stream of changes.
 *
 * KEYS: done, entries, sources, changes · ARGV: field, mode (`create`, `replace`, `delete`), value, source (or nothing),
 * version · answers `done`, or `exists` or `none` when there was nothing to do.
 */
export const CHANGE_ENTRY = script(`${DONE}${CHECK_ENTRY_KEYS}
local field, mode = ARGV[1], ARGV[2]
local exists = redis.call('HEXISTS', KEYS[2], field) == 1
if mode == 'create' and exists then return 'exists' end
if mode == 'delete' and not exists then return 'none' end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', '1000', '*', 'field', field, 'version', ARGV[5])
if mode == 'delete' then redis.call('HDEL', KEYS[2], field)
else redis.call('HSET', KEYS[2], field, ARGV[3]) end
if mode == 'delete' or ARGV[4] == '' then redis.call('HDEL', KEYS[3], field)
else redis.call('HSET', KEYS[3], field, ARGV[4]) end
return done('done')
`);

/**
 * Writes many tools or skills. The stream of changes is told once, without a field: whoever reads that reads all anew.
 *
 * KEYS: done, entries, sources, changes · ARGV: field, value, source (or nothing), field, ... · answers `done`.
 */
export const WRITE_ENTRIES = script(`${DONE}${CHECK_ENTRY_KEYS}
redis.call('XADD', KEYS[4], 'MAXLEN', '~', '1000', '*', 'field', '', 'version', '')
for i = 1, #ARGV, 3 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  if ARGV[i + 2] == '' then redis.call('HDEL', KEYS[3], ARGV[i])
  else redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 2]) end
end
return done('done')
`);

/** KEYS: entries, sources · ARGV: field · answers value and source. */
export const READ_ENTRY = script(`
return {redis.call('HGET', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[2], ARGV[1])}
`);

/**
 * KEYS: entries, changes · ARGV: the position that is known, or nothing · answers how many entries there are, and the
 * changes from that position on, itself included; without a position, the last change.
 */
export const READ_CHANGES = script(`
local size = redis.call('HLEN', KEYS[1])
if ARGV[1] == '' then return {size, redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)} end
return {size, redis.call('XRANGE', KEYS[2], ARGV[1], '+')}
`);

/**
 * Appends to the temporary key of a large artifact; may be sent twice.
 *
 * KEYS: temp · ARGV: offset, piece · answers `lost` when what was written before is not there any more.
 */
export const UPLOAD = script(`
if redis.call('STRLEN', KEYS[1]) < tonumber(ARGV[1]) then return 'lost' end
redis.call('SETRANGE', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], 600)
return 'done'
`);

/**
 * Puts an artifact and its entry in place. The set of names is for finding what is below a folder; names that
 * py-code-mode wrote are not in it, and what it deleted is dropped from it here.
 *
 * KEYS: done, data, index, names, temp · ARGV: name, entry, size, data (or nothing: it is in temp), quota (or nothing),
 * what data keys begin with, where the data of `__index__` is, folders ... · answers `done`, `lost`,
 * `{taken, by what}`, `{full, bytes of the others}`.
 */
export const SAVE_ARTIFACT = script(`${DONE}${CHECK_ARTIFACT_KEYS}
local name = ARGV[1]
if redis.call('HEXISTS', KEYS[3], name) == 0 then
  for i = 8, #ARGV do
    if redis.call('HEXISTS', KEYS[3], ARGV[i]) == 1 then return {'taken', ARGV[i]} end
  end
  while true do
    local below = redis.call('ZRANGEBYLEX', KEYS[4], '[' .. name .. '/', '(' .. name .. '0', 'LIMIT', 0, 1)[1]
    if not below then break end
    if redis.call('HEXISTS', KEYS[3], below) == 1 then return {'taken', name .. '/'} end
    redis.call('ZREM', KEYS[4], below)
  end
end
local temporary = ARGV[4] == '' and ARGV[3] ~= '0'
if temporary and redis.call('STRLEN', KEYS[5]) ~= tonumber(ARGV[3]) then return 'lost' end
if ARGV[5] ~= '' then
  local others = 0
  for _, other in ipairs(redis.call('HKEYS', KEYS[3])) do
    if other ~= name then
      local key = other == '__index__' and ARGV[7] or ARGV[6] .. other
      local length = redis.pcall('STRLEN', key)
      others = others + (type(length) == 'number' and length or 0) + redis.call('HSTRLEN', KEYS[3], other)
    end
  end
  if others + tonumber(ARGV[3]) + #ARGV[2] > tonumber(ARGV[5]) then return {'full', tostring(others)} end
end
if temporary then
  redis.call('RENAME', KEYS[5], KEYS[2])
  redis.call('PERSIST', KEYS[2])
else
  redis.call('SET', KEYS[2], ARGV[4])
end
redis.call('HSET', KEYS[3], name, ARGV[2])
redis.call('ZADD', KEYS[4], 0, name)
return done('done')
`);

/** KEYS: done, data, index, names · ARGV: name · answers `done` or `none`. */
export const DELETE_ARTIFACT = script(`${DONE}${CHECK_ARTIFACT_KEYS}
if redis.call('HDEL', KEYS[3], ARGV[1]) == 0 then return 'none' end
redis.call('UNLINK', KEYS[2])
redis.call('ZREM', KEYS[4], ARGV[1])
return done('done')
`);

/**
 * KEYS: data, index · ARGV: name, start, end (-1 before 0: no data), what the entry must hash to, or nothing ·
 * answers the entry, the size of the data (-1: there is none) and the piece from start to end; the entry alone is
 * nothing when there is none or it is another.
 */
export const READ_ARTIFACT = script(`
local entry = redis.call('HGET', KEYS[2], ARGV[1])
if not entry or (ARGV[4] ~= '' and redis.sha1hex(entry) ~= ARGV[4]) then return {false, -1, ''} end
if redis.call('TYPE', KEYS[1]).ok ~= 'string' then return {entry, -1, ''} end
local piece = ARGV[3] == '-1' and '' or redis.call('GETRANGE', KEYS[1], ARGV[2], ARGV[3])
return {entry, redis.call('STRLEN', KEYS[1]), piece}
`);

/**
 * Names that may be meant by one that there is none of: those next to it in order, and some at random, since names that
 * py-code-mode wrote are in the index alone. Never all: there may be many.
 *
 * KEYS: index, names · ARGV: name, how many of each.
 */
export const NEAR_NAMES = script(`
local near, seen = {}, {}
local function add(names)
  for _, name in ipairs(names) do
    if not seen[name] and redis.call('HEXISTS', KEYS[1], name) == 1 then
      seen[name] = true
      near[#near + 1] = name
    end
  end
end
add(redis.call('ZREVRANGEBYLEX', KEYS[2], '(' .. ARGV[1], '-', 'LIMIT', 0, ARGV[2]))
add(redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[1], '+', 'LIMIT', 0, ARGV[2]))
add(redis.call('HRANDFIELD', KEYS[1], ARGV[2]))
return near
`);

/** KEYS: data keys · answers the size of each; -1 for what is no data. */
export const SIZES = script(`
local sizes = {}
for i, key in ipairs(KEYS) do
  sizes[i] = redis.call('TYPE', key).ok == 'string' and redis.call('STRLEN', key) or -1
end
return sizes
`);

function script(source: string): Script {
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}
